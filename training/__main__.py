"""`python -m underpaint.training`."""

from underpaint.training.cli import main

raise SystemExit(main())
