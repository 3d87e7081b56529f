"""`python -m learn`, which `make learn` calls."""

from learn.cli import main

raise SystemExit(main())
