"""`python -m learn.trials MODELS CORPUS SOURCE`."""

from learn.trials.cli import main

raise SystemExit(main())
