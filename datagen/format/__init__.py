"""The corpus format (docs/format.md), and what writes files whole or not at all.

numpy and Pillow are all it needs; PyAV as well for corpora in mp4.
"""
