"""`python -m underpaint.experiments.trials MODELS CORPUS SOURCE`."""

from underpaint.experiments.trials.cli import main

raise SystemExit(main())
