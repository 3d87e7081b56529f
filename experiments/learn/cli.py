"""The command line: `python -m underpaint.learn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from underpaint.commandline.parser import Parser
from underpaint.experiments.learn.config import LearnConfig
from underpaint.experiments.program import program_parser, run_program


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chain; return its exit status, see `run_program`."""
    return run_program("learn", build_parser(), arguments, _learn)


def build_parser() -> Parser:
    """Return the parser; its options come from the config's own dataclass."""
    return program_parser("underpaint.learn", LearnConfig)


def _learn(values: dict[str, Any]) -> None:
    config = LearnConfig(**values)
    from underpaint.experiments.learn.chain import learn

    print(learn(config))


if __name__ == "__main__":
    raise SystemExit(main())
