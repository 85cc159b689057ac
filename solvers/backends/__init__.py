"""The solver backends, one file each."""
