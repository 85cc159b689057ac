"""Long checks of the sandbox that continuous integration makes in a shorter form."""
