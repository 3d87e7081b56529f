"""`python -m underpaint.pipelines`."""

from underpaint.pipelines.cli import main

raise SystemExit(main())
