"""Pencil: lines, hatching, smudges and the eraser on paper with a tooth."""
