"""Maps and captions by networks, made once and kept beside the pictures."""
