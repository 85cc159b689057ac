"""The ways in: REST, web page, command line, MCP."""
