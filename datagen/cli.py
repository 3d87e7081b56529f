"""The command line: `underpaint-data generate | verify | inspect | filmstrip | export`."""

from __future__ import annotations

import json
import re
import shlex
import sys
from argparse import Action
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from jsonargparse import ArgumentParser, DefaultHelpFormatter, Namespace

import renderers
from datagen.config import GenerateConfig

OK, FAULTY, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done, and for `generate` every shard is there, for `verify` no fault found. 1: shards are missing, or
    faults were found. 2: a mistake of the user's, explained in one line. 130: interrupted.
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


class _Parser(ArgumentParser):  # type: ignore[misc]
    """Answers a mistake with one line instead of the whole usage."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        line = " ".join(message.split())
        print(f"{self.prog.replace(' [options]', '')}: {line} (--help tells more)", file=sys.stderr)
        raise SystemExit(USAGE) from ex


def build_parser() -> _Parser:
    """The parser of all commands; the options of `generate` come from the config's own dataclasses."""
    parser = _Parser(
        prog="underpaint-data",
        description="Turn pictures into a corpus of painting processes.",
        formatter_class=_Help,  # the commands take it over
    )
    commands = parser.add_subcommands(required=True, dest="command")
    commands.add_subcommand("generate", _generate_parser(), help="write a corpus, or go on with one")
    commands.add_subcommand("verify", _verify_parser(), help="check every checksum, frame and stroke of a corpus")
    commands.add_subcommand("inspect", _inspect_parser(), help="print a corpus, or one sample, at a glance")
    commands.add_subcommand("filmstrip", _filmstrip_parser(), help="draw samples as rows of frames")
    commands.add_subcommand("export", _export_parser(), help="write one sample as webp, mp4, gif, png or svg")
    return parser


def _generate_parser() -> _Parser:
    parser = _Parser(
        description="Write a corpus, or go on with one: the same command on the same folder continues. "
        "Exit status 0 only if every shard is there.",
    )
    parser.add_argument("--config", action="config", help="YAML file with the same keys; unknown keys are refused.")
    parser.add_class_arguments(GenerateConfig, skip={"options"})
    for name in renderers.names():
        parser.add_class_arguments(renderers.options_class(name), name)
    _hyphenate(parser)
    _let_flags_stand_alone(parser)
    return parser


class _Help(DefaultHelpFormatter):  # type: ignore[misc]
    """Types in words: the choices stand in the usage already, and <class 'Path'> helps nobody."""

    def _expand_help(self, action: Action) -> str:
        text = str(super()._expand_help(action)).replace("<class 'Path'>", "path")
        return re.sub(r"type: Literal\[.*?\], ", "", text)


def _hyphenate(parser: _Parser) -> None:
    """Accept, and show, `--shard-size` beside `--shard_size`, which is the name in YAML and in Python."""
    for option, action in list(parser._option_string_actions.items()):
        if "_" in option and option.startswith("--") and not option.startswith("--print_"):
            hyphenated = option.replace("_", "-")
            action.option_strings = [hyphenated]
            parser._option_string_actions[hyphenated] = action


def _let_flags_stand_alone(parser: _Parser) -> None:
    """Accept `--mix` beside `--mix true`."""
    for action in parser._actions:
        if isinstance(action.default, bool) and action.nargs is None:
            action.nargs, action.const = "?", True


def _corpus_parser(description: str) -> _Parser:
    parser = _Parser(description=description)
    parser.add_argument("corpus", type=Path, help="Folder of the corpus.")
    return parser


def _verify_parser() -> _Parser:
    parser = _corpus_parser("Check a whole corpus. Exit status 1 if anything is wrong; every fault is named.")
    parser.add_argument("--json", action="store_true", help="Print the faults as JSON.")
    return parser


def _inspect_parser() -> _Parser:
    parser = _corpus_parser("Print what a corpus holds, or everything about one sample.")
    parser.add_argument("key", nargs="?", help="Key of a sample, or any part of it that fits only one.")
    parser.add_argument("--limit", type=int, default=20, help="Samples and skipped pictures to list.")
    return parser


def _filmstrip_parser() -> _Parser:
    parser = _corpus_parser("Draw samples as rows, their frames from left to right.")
    parser.add_argument("keys", nargs="*", help="Keys of samples, or parts of them; without any, the first ones.")
    parser.add_argument("--out", type=Path, required=True, help="Picture to write; its suffix says the format.")
    parser.add_argument("--rows", type=int, default=8, help="Rows when no keys are given.")
    parser.add_argument("--columns", type=int, default=8, help="Frames of each sample.")
    parser.add_argument("--height", type=int, default=160, help="Height of each picture in pixels.")
    parser.add_argument("--captions", action="store_true", help="Write each sample's caption below it.")
    return parser


def _export_parser() -> _Parser:
    parser = _corpus_parser("Write one sample in a format that people open.")
    parser.add_argument("key", help="Key of the sample, or any part of it that fits only one.")
    parser.add_argument("--out", type=Path, required=True, help="File to write: .webp, .mp4, .gif, .png or .svg.")
    parser.add_argument("--fps", type=float, default=8.0, help="Frames per second of an animation.")
    return parser


# Each command imports what it needs: Ray, PyAV and rich would slow down every other.


def _generate(options: Namespace) -> int:
    from rich.console import Console

    from datagen.generate import generate
    from datagen.inspection import summary_table

    config = _config(options)
    result = generate(config)
    console = Console()
    console.print(summary_table(result))
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


def _verify(options: Namespace) -> int:
    from dataclasses import asdict

    from datagen.verify import verify

    shards: list[str] = []

    def begin(shard: str) -> None:
        shards.append(shard)
        if sys.stderr.isatty():
            print(f"\rshard {shard}", end="\r", file=sys.stderr, flush=True)

    faults = verify(options.corpus, begin)
    if options.json:
        print(json.dumps({"shards": len(shards), "faults": [asdict(fault) for fault in faults]}, indent=1))
    else:
        for fault in faults:
            print(fault)
        print(f"{len(shards)} shards checked; faults: {len(faults) or 'none'}")
    return FAULTY if faults else OK


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
    "verify": _verify,
    "inspect": _inspect,
    "filmstrip": _filmstrip,
    "export": _export,
}
