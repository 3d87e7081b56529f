"""What trained networks can do: trials on pictures and processes that training never saw."""
