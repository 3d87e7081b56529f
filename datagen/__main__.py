"""`python -m underpaint.datagen`, the same as `underpaint-data`."""

import sys

from underpaint.datagen.cli import main

if __name__ == "__main__":
    sys.exit(main())
