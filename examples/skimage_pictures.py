"""Copy the colour pictures that scikit-image ships into a folder: something to paint without downloading anything.

python examples/skimage_pictures.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from underpaint.experiments.learn.shipped import copy_shipped

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    print(f"{copy_shipped(folder)} pictures in {folder}")
