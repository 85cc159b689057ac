"""The port to a chat model, its client, its fakes, and what a conversation may cost."""
