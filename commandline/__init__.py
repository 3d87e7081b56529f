"""What the three commands have in common."""
