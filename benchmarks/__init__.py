"""Suites, scorers, reports and speed."""
