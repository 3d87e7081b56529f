"""Strokes: what every medium lays, how they are painted, searched for and refined."""
