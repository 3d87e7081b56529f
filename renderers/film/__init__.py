"""Frames of a painting to files that people open: films, animations, pictures, folders; one frame at a time."""
