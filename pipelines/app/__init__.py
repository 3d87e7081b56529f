"""A page to try painting on."""
