"""Corpus -> weights: everything that trains. A corpus is read by its format alone, so one made elsewhere trains too."""
