"""The command line: `python -m underpaint.experiments.trials`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from underpaint.commandline.parser import USAGE, Parser, configurable, eased
from underpaint.experiments.trials.config import TrialsConfig

OK, INTERRUPTED = 0, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run trials, print what they find, and return the exit status: 0 done, 2 a mistake of the user's, 130 stopped."""
    namespace = build_parser().parse_args(list(sys.argv[1:] if arguments is None else arguments))
    values: dict[str, Any] = namespace.as_dict()
    del values["config"]
    try:
        config = TrialsConfig(**values)
        # Torch takes seconds to import: not for --help.
        from underpaint.experiments.trials.run import run_trials

        run_trials(config, lambda words: print(words, flush=True))
    except (ValueError, OSError) as error:
        print(f"underpaint.experiments.trials: {str(error).strip()}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    return OK


def build_parser() -> Parser:
    """The parser; its options come from the config's own dataclass."""
    what = (TrialsConfig.__doc__ or "").partition("Args:")[0]
    parser = configurable(" ".join(what.split()))
    parser.prog = "python -m underpaint.experiments.trials"
    for name, words in _POSITIONAL.items():
        parser.add_argument(name, help=words)
    parser.add_class_arguments(TrialsConfig, skip=set(_POSITIONAL))
    return eased(parser)


_POSITIONAL = {
    "models": "Folder with `base`, `motion` and `replication`.",
    "corpus": "What they were trained on; only processes of pictures that were held out are used.",
    "source": "The pictures that it was painted from.",
}


if __name__ == "__main__":
    raise SystemExit(main())
