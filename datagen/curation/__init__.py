"""Corpora put together and taken apart, and sources without near-duplicates."""
