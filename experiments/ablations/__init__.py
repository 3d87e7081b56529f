"""What each part of the method is worth: the same short trainings with it and without.

`python -m underpaint.experiments.ablations --help`

| module | what it holds |
| --- | --- |
| `comparisons.py` | the comparisons: which sides, and what is told of them |
| `sides.py` | what is trained on each side |
| `trials.py` | one side with one seed: its trainings, and when it is done |
| `runs.py` | a run of `underpaint-train`, with the recipes for nano |
| `corpora.py` | the artist's process, and the same pictures cut by number of strokes, or painted in another manner |
| `figures.py` | what is measured, of painted processes and of real ones |
| `listening.py` | what is measured of a base alone: whether captions help it |
| `table.py` | means and spreads |
"""
