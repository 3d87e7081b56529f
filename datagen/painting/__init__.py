"""Pictures become samples by being painted."""
