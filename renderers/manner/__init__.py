"""How people paint: draw, block in flat colours back to front, model one place after the other, accents last."""
