"""The commands that show a corpus or a sample: `inspect`, `filmstrip` and `export`."""

from __future__ import annotations

from pathlib import Path

from jsonargparse import Namespace

from underpaint.commandline.parser import Parser
from underpaint.datagen.commands.command import OK, Command, corpus_parser


def _inspect_parser() -> Parser:
    parser = corpus_parser("Print what a corpus holds, or everything about one sample.")
    parser.add_argument("key", nargs="?", help="Key of a sample, or any part of it that fits only one.")
    parser.add_argument("--limit", type=int, default=20, help="Samples and skipped sources to list.")
    return parser


def _inspect(options: Namespace) -> int:
    from rich.console import Console

    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.summary.inspection import corpus_tables, sample_tables

    corpus = Corpus(options.corpus)
    for table in sample_tables(corpus.find(options.key)) if options.key else corpus_tables(corpus, limit=options.limit):
        Console().print(table)
    return OK


def _filmstrip_parser() -> Parser:
    parser = corpus_parser("Draw samples as rows, their frames from left to right.")
    parser.add_argument("keys", nargs="*", help="Keys of samples, or parts of them; without any, the first ones.")
    parser.add_argument("--out", type=Path, required=True, help="Picture to write; its suffix says the format.")
    parser.add_argument("--rows", type=int, default=8, help="Rows when no keys are given.")
    parser.add_argument("--columns", type=int, default=8, help="Frames of each sample.")
    parser.add_argument("--height", type=int, default=160, help="Height of each picture in pixels.")
    parser.add_argument("--captions", action="store_true", help="Write each sample's caption below it.")
    return parser


def _filmstrip(options: Namespace) -> int:
    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.filmstrip import filmstrip

    corpus = Corpus(options.corpus)
    keys = options["keys"]  # as an attribute, it is a method
    samples = [corpus.find(key) for key in keys] if keys else corpus[: max(0, options.rows)]
    strip = filmstrip(samples, columns=options.columns, height=options.height, captions=options.captions)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    strip.save(options.out)
    print(f"{options.out}: {len(samples)} samples, {strip.width} x {strip.height} px")
    return OK


def _export_parser() -> Parser:
    parser = corpus_parser("Write one sample in a format that people open.")
    parser.add_argument("key", help="Key of the sample, or any part of it that fits only one.")
    parser.add_argument("--out", type=Path, required=True, help="File to write: .webp, .mp4, .gif, .png or .svg.")
    parser.add_argument("--fps", type=float, default=8.0, help="Frames per second of an animation.")
    return parser


def _export(options: Namespace) -> int:
    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.export import export

    export(Corpus(options.corpus).find(options.key), options.out, fps=options.fps)
    print(options.out)
    return OK


COMMANDS = (
    Command(name="inspect", help="print a corpus, or one sample, at a glance", parser=_inspect_parser, run=_inspect),
    Command(name="filmstrip", help="draw samples as rows of frames", parser=_filmstrip_parser, run=_filmstrip),
    Command(name="export", help="write one sample as webp, mp4, gif, png or svg", parser=_export_parser, run=_export),
)
