"""Digital illustration: strokes with a blend on layers, clipped to regions; how they are drawn, laid and fitted."""
