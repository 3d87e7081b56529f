"""Which stroke comes when: how near to each other strokes follow."""
