"""Trained weights as files of other programs: `underpaint export`."""
