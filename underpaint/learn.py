"""`python -m underpaint.learn`, which `make learn` calls: the whole chain, from pictures to paintings."""

from underpaint.experiments.learn.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
