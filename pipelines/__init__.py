"""Paintings out of weights, and how good they are."""
