"""`python -m underpaint.learn`, which `make learn` calls."""

from underpaint.experiments.learn.cli import main

raise SystemExit(main())
