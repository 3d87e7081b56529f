"""The command line: `python -m underpaint.experiments.trials`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from underpaint.commandline.parser import Parser
from underpaint.experiments.program import program_parser, run_program
from underpaint.experiments.trials.config import TrialsConfig

_POSITIONAL = {
    "models": {"help": "Folder with `base`, `motion` and `replication`."},
    "corpus": {"help": "What they were trained on; only processes of pictures that were held out are used."},
    "source": {"nargs": "+", "help": "The pictures that the corpus was painted from; several sources of a merged one."},
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run trials and print what they find; return the exit status, see `run_program`."""
    return run_program("trials", build_parser(), arguments, _try)


def build_parser() -> Parser:
    """Return the parser; its options come from the config's own dataclass."""
    return program_parser("underpaint.experiments.trials", TrialsConfig, _POSITIONAL)


def _try(values: dict[str, Any]) -> None:
    config = TrialsConfig(**values)
    from underpaint.experiments.trials.run import run_trials

    run_trials(config, lambda words: print(words, flush=True))


if __name__ == "__main__":
    raise SystemExit(main())
