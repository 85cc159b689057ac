"""From a problem in words to a formulation, a program, a checked model and an explanation."""
