"""`python -m datagen`, the same as `underpaint-data`."""

import sys

from datagen.cli import main

if __name__ == "__main__":
    sys.exit(main())
