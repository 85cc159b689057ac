"""What an answer is judged by: one scorer a file."""
