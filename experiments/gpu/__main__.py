"""`python -m underpaint.experiments.gpu`; processes that paint import this module too, so nothing heavy is above."""

if __name__ == "__main__":
    from underpaint.experiments.gpu.cli import main

    raise SystemExit(main())
