"""What the service bears, measured from outside: processes started, killed and cut off, and requests counted."""
