"""Chinese ink painting: marks that only darken paper."""
