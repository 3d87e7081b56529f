"""How experiments are called, and how they end: options from the dataclass of a config, one line about a mistake."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from underpaint.commandline.answering import INTERRUPTED, answer, program
from underpaint.commandline.parser import Parser, configurable, eased, versioned
from underpaint.extras import needing

OK, FAILED = 0, 1
STOPPED = 143  # what a shell makes of SIGTERM, as after underpaint-train

_CONTINUES = "\nstopped; the same command continues"


class CommandFailed(RuntimeError):  # noqa: N818
    """A command ended with an error; the message says which, and where to look."""


def program_parser(module: str, config: type, own: Mapping[str, Mapping[str, Any]] | None = None) -> Parser:
    """Return the parser of `python -m MODULE`, whose options are the fields of a config.

    Args:
        module: of the program.
        config: dataclass with an `Args` section.
        own: arguments in place of those that the config's fields would give, by name as `add_argument` takes it.
    """
    own = own or {}
    parser = configurable(" ".join((config.__doc__ or "").partition("Args:")[0].split()))
    parser.prog = f"python -m {module}"
    for name, keywords in own.items():
        parser.add_argument(name, **keywords)
    parser.add_class_arguments(config, skip={name.lstrip("-") for name in own})
    return versioned(eased(parser))


def run_program(
    name: str, parser: Parser, arguments: Sequence[str] | None, work: Callable[[dict[str, Any]], None]
) -> int:
    """Do the work of an experiment; return its exit status.

    0: done. 1: a command that it ran has failed. 2: a mistake of the user's, explained in one line. 130, 143: stopped
    by Ctrl-C or SIGTERM; the same command continues.

    Args:
        name: begins what is said on stderr.
        parser: as `program_parser` made it.
        arguments: of the command line; those of this process if None.
        work: takes the values of all options by name. It imports torch, which takes seconds: --help needs none.
    """

    @program(name)
    def main() -> int:
        values = parser.parse_args(list(sys.argv[1:] if arguments is None else arguments)).as_dict()
        del values["config"]
        return _run(name, values, work)

    return main()


def _run(name: str, values: dict[str, Any], work: Callable[[dict[str, Any]], None]) -> int:
    def working() -> int:
        try:
            with needing("the experiment", "eval"), needing("the experiment", "train"):
                work(values)
        except CommandFailed as failed:
            print(f"{name}: {failed}", file=sys.stderr)
            return FAILED
        return OK

    before = signal.signal(signal.SIGTERM, _stop)
    try:
        status = answer(name, working)
    finally:
        signal.signal(signal.SIGTERM, before)
    if status == INTERRUPTED:
        print(_CONTINUES, file=sys.stderr)
    return status


def _stop(number: int, frame: FrameType | None) -> None:
    """End as from within, so that commands and processes that are running are ended too."""
    print(_CONTINUES, file=sys.stderr)
    raise SystemExit(STOPPED)
