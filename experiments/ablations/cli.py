"""The command line: `python -m underpaint.experiments.ablations`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from underpaint.commandline.parser import Parser
from underpaint.experiments.ablations.config import NAMES, AblationsConfig
from underpaint.experiments.program import program_parser, run_program

_LISTS: dict[str, dict[str, Any]] = {
    "--only": {
        "nargs": "+",
        "choices": NAMES,
        "default": [],
        "help": "Comparisons to make; if not given, all that have what they need.",
    },
    "--seeds": {
        "nargs": "+",
        "type": int,
        "default": list(AblationsConfig.seeds),
        "help": "Seeds of training, and of the noise that is painted from.",
    },
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Make comparisons, and print and write their tables; return the exit status, see `run_program`."""
    return run_program("ablations", build_parser(), arguments, _compare)


def build_parser() -> Parser:
    """Return the parser; its options come from the config's own dataclass."""
    return program_parser("underpaint.experiments.ablations", AblationsConfig, _LISTS)


def _compare(values: dict[str, Any]) -> None:
    config = AblationsConfig(**values)
    from underpaint.experiments.ablations.run import run_comparisons

    run_comparisons(config)
