"""Jobs that outlive the process that works on them: durable workflows on dbos, in SQLite or PostgreSQL."""
