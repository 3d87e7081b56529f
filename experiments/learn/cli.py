"""The command line: `python -m underpaint.learn`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Any

from underpaint.commandline.parser import USAGE, Parser, configurable, eased
from underpaint.experiments.learn.config import LearnConfig

OK, FAILED, INTERRUPTED, STOPPED = 0, 1, 130, 143


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the chain; return its exit status.

    0: done. 1: a part failed; its last lines are shown. 2: a mistake of the user's, explained in one line. 130, 143:
    stopped by Ctrl-C or SIGTERM; the same command continues.
    """
    namespace = build_parser().parse_args(list(sys.argv[1:] if arguments is None else arguments))
    values: dict[str, Any] = namespace.as_dict()
    del values["config"]
    before = signal.signal(signal.SIGTERM, _stop)
    try:
        config = LearnConfig(**values)
        # Torch takes seconds to import: not for --help.
        from underpaint.experiments.learn.chain import learn
        from underpaint.experiments.learn.running import CommandFailed

        try:
            print(learn(config))
        except CommandFailed as failed:
            print(f"learn: {failed}", file=sys.stderr)
            return FAILED
    except (ValueError, OSError) as error:
        print(f"learn: {str(error).strip()}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("\nstopped; the same command continues", file=sys.stderr)
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
    return OK


def _stop(number: int, frame: FrameType | None) -> None:
    """End as from within, so that the command that is running is ended too."""
    print("\nstopped; the same command continues", file=sys.stderr)
    raise SystemExit(STOPPED)


def build_parser() -> Parser:
    """The parser; its options come from the config's own dataclass."""
    what = (LearnConfig.__doc__ or "").partition("Args:")[0]
    parser = configurable(" ".join(what.split()))
    parser.prog = "python -m underpaint.learn"
    parser.add_class_arguments(LearnConfig)
    return eased(parser)


if __name__ == "__main__":
    raise SystemExit(main())
