"""What the commands of `underpaint-data` take, and how they say it."""

from __future__ import annotations

from pathlib import Path

import renderers
from commandline.parser import Help, Parser, configurable, eased
from datagen.config import GenerateConfig
from datagen.import_config import ImportConfig
from datagen.report.commands import report_parser, serve_parser
from datagen.trust_cli import add_trust_parsers


def build_parser() -> Parser:
    """The parser of all commands; those of `generate` and `import` have the fields of their configs."""
    parser = Parser(
        prog="underpaint-data",
        description="Turn pictures, or recordings, into a corpus of painting processes.",
        formatter_class=Help,  # the commands take it over
    )
    commands = parser.add_subcommands(required=True, dest="command")
    commands.add_subcommand("generate", _generate_parser(), help="write a corpus, or go on with one")
    commands.add_subcommand("import", _import_parser(), help="make a corpus of videos and folders of frames")
    commands.add_subcommand("inspect", _inspect_parser(), help="print a corpus, or one sample, at a glance")
    commands.add_subcommand("filmstrip", _filmstrip_parser(), help="draw samples as rows of frames")
    commands.add_subcommand("export", _export_parser(), help="write one sample as webp, mp4, gif, png or svg")
    commands.add_subcommand("report", _report_parser(), help="write a corpus as one page for the browser")
    commands.add_subcommand("serve", _serve_parser(), help="page through a corpus in the browser")
    add_trust_parsers(commands)
    return parser


def _generate_parser() -> Parser:
    parser = _writing_parser("Write a corpus, or go on with one")
    parser.add_class_arguments(GenerateConfig, skip={"options"})
    for name in renderers.names():
        parser.add_class_arguments(renderers.options_class(name), name)
    return eased(parser)


def _import_parser() -> Parser:
    parser = _writing_parser("Make a corpus of recorded processes, videos and folders of frames, or go on with one")
    parser.add_class_arguments(ImportConfig)
    return eased(parser)


def _writing_parser(what: str) -> Parser:
    return configurable(
        f"{what}: the same command on the same folder continues. Exit status 0 only if every shard is there."
    )


def _corpus_parser(description: str) -> Parser:
    parser = Parser(description=description)
    parser.add_argument("corpus", help="Folder or URL of the corpus.")
    return parser


def _inspect_parser() -> Parser:
    parser = _corpus_parser("Print what a corpus holds, or everything about one sample.")
    parser.add_argument("key", nargs="?", help="Key of a sample, or any part of it that fits only one.")
    parser.add_argument("--limit", type=int, default=20, help="Samples and skipped sources to list.")
    return parser


def _filmstrip_parser() -> Parser:
    parser = _corpus_parser("Draw samples as rows, their frames from left to right.")
    parser.add_argument("keys", nargs="*", help="Keys of samples, or parts of them; without any, the first ones.")
    parser.add_argument("--out", type=Path, required=True, help="Picture to write; its suffix says the format.")
    parser.add_argument("--rows", type=int, default=8, help="Rows when no keys are given.")
    parser.add_argument("--columns", type=int, default=8, help="Frames of each sample.")
    parser.add_argument("--height", type=int, default=160, help="Height of each picture in pixels.")
    parser.add_argument("--captions", action="store_true", help="Write each sample's caption below it.")
    return parser


def _export_parser() -> Parser:
    parser = _corpus_parser("Write one sample in a format that people open.")
    parser.add_argument("key", help="Key of the sample, or any part of it that fits only one.")
    parser.add_argument("--out", type=Path, required=True, help="File to write: .webp, .mp4, .gif, .png or .svg.")
    parser.add_argument("--fps", type=float, default=8.0, help="Frames per second of an animation.")
    return parser


def _report_parser() -> Parser:
    return report_parser(_corpus_parser("Write one HTML page that shows a corpus, and opens from disk."))


def _serve_parser() -> Parser:
    return serve_parser(_corpus_parser("Show a corpus in the browser, a page at a time; Ctrl-C ends it."))
