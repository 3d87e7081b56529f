"""How good a painting process is: its last frame, its order, and what it has in common with another."""
