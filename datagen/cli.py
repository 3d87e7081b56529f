"""The command line: `underpaint-data generate | import | verify | inspect | filmstrip | export`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from jsonargparse import Namespace

import renderers
from commandline.parser import USAGE
from datagen.config import GenerateConfig
from datagen.import_config import ImportConfig
from datagen.parsers import build_parser
from datagen.report.commands import run_report, run_serve
from datagen.trust_cli import TRUST_COMMANDS

if TYPE_CHECKING:
    from datagen.writing import Result

OK, FAULTY, INTERRUPTED = 0, 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done, and for `generate` and `import` every shard is there, for `verify` no fault found. 1: shards are missing,
    or faults were found. 2: a mistake of the user's, explained in one line. 130: interrupted.
    """
    namespace = build_parser().parse_args(list(sys.argv[1:] if arguments is None else arguments))
    command = namespace.command
    try:
        return COMMANDS[command](namespace[command])
    except (ValueError, OSError) as error:
        print(f"underpaint-data {command}: {_message(error)}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error).strip()


# Each command imports what it needs: Ray, PyAV and rich would slow down every other.


def _generate(options: Namespace) -> int:
    from datagen.generate import generate

    return _told(generate(_config(options)))


def _import(options: Namespace) -> int:
    from datagen.importing import import_recordings

    values = options.as_dict()
    del values["config"]
    return _told(import_recordings(ImportConfig(**values)))


def _told(result: Result) -> int:
    """Say how a job ended, and how to go on with it."""
    from rich.console import Console

    from datagen.inspection import summary_table

    Console().print(summary_table(result))
    for shard, error in sorted(result.errors.items()):
        print(f"shard {shard:06d} failed: {error}", file=sys.stderr)
    if result.complete:
        return OK
    state = "stopped" if result.interrupted else f"{len(result.missing)} shards are missing"
    print(f"{state}; to continue, run the same command again:\n  {_command_line()}", file=sys.stderr)
    return INTERRUPTED if result.interrupted else FAULTY


def _config(options: Namespace) -> GenerateConfig:
    """The config with the options of its renderers, and of others where given, which `with_options` refuses."""
    values = options.as_dict()
    del values["config"]
    own = {name: renderers.options_class(name)(**values.pop(name)) for name in renderers.names()}
    config = GenerateConfig(**values)
    options = {name: chosen for name, chosen in own.items() if name in config.media or chosen != type(chosen)()}
    return replace(config, options=options)


def _command_line() -> str:
    return shlex.join(["underpaint-data", *sys.argv[1:]])


def _inspect(options: Namespace) -> int:
    from rich.console import Console

    from datagen.corpus import Corpus
    from datagen.inspection import corpus_tables, sample_tables

    corpus = Corpus(options.corpus)
    for table in sample_tables(corpus.find(options.key)) if options.key else corpus_tables(corpus, limit=options.limit):
        Console().print(table)
    return OK


def _filmstrip(options: Namespace) -> int:
    from datagen.corpus import Corpus
    from datagen.filmstrip import filmstrip

    corpus = Corpus(options.corpus)
    if options["keys"]:  # as an attribute, it is a method
        samples = [corpus.find(key) for key in options["keys"]]
    else:
        samples = [sample for sample, _ in zip(corpus, range(options.rows), strict=False)]
    strip = filmstrip(samples, columns=options.columns, height=options.height, captions=options.captions)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    strip.save(options.out)
    print(f"{options.out}: {len(samples)} samples, {strip.width} x {strip.height} px")
    return OK


def _export(options: Namespace) -> int:
    from datagen.corpus import Corpus
    from datagen.export import export

    export(Corpus(options.corpus).find(options.key), options.out, fps=options.fps)
    print(options.out)
    return OK


COMMANDS: dict[str, Callable[[Any], int]] = {
    "generate": _generate,
    "import": _import,
    "inspect": _inspect,
    "filmstrip": _filmstrip,
    "export": _export,
    "report": run_report,
    "serve": run_serve,
    **TRUST_COMMANDS,
}
