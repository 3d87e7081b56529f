"""A small world, drawn by code: captioned pictures of things in colours, in places, on grounds, under skies."""
