"""A picture, wherever it lies: its bytes, its pixels on their canvas, and its guides."""
