"""`python -m underpaint.experiments.ablations --corpus CORPUS --base BASE_RUN --out OUT`."""

from underpaint.experiments.ablations.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
