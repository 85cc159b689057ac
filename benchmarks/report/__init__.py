"""A run as tables and pictures, in Markdown and as one HTML page."""
