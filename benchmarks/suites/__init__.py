"""The suites: one loader a file, found by the registry."""
