"""Signs that a superpixel belongs to the salient object, and how they are weighed."""
