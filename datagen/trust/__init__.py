"""Whether a corpus holds what it says, and how one that doesn't is made whole."""
