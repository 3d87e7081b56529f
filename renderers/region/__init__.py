"""Painting region by region: in which order, and how a region is filled."""
