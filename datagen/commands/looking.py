"""The commands that show a corpus or a sample: `inspect`, `filmstrip`, `export`, `report` and `serve`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from jsonargparse import Namespace

from underpaint.commandline.checks import at_least
from underpaint.commandline.parser import Parser, eased
from underpaint.commandline.showing import show
from underpaint.datagen.commands.command import OK, Command, corpus_parser

# Away from 8000, where every other small server is.
PORT = 8420


def _inspect_parser() -> Parser:
    parser = corpus_parser("Print what a corpus holds, or everything about one sample.")
    parser.add_argument("key", nargs="?", help="Key of one sample, or a part of its key that no other has.")
    parser.add_argument("--limit", type=int, default=20, help="Number of samples, and of skipped sources, to list.")
    return parser


def _inspect(options: Namespace) -> int:
    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.summary.tables import corpus_tables, sample_tables

    at_least(0, limit=options.limit)
    corpus = Corpus(options.corpus)
    show(sample_tables(corpus.find(options.key)) if options.key else corpus_tables(corpus, limit=options.limit))
    return OK


def _filmstrip_parser() -> Parser:
    parser = corpus_parser("Draw samples as rows of a picture, with their frames from left to right.")
    parser.add_argument(
        "keys", nargs="*", help="Keys of samples, or parts of keys that no other has; without keys, the first samples."
    )
    parser.add_argument("--out", type=Path, required=True, help="Picture to write, such as strip.png.")
    parser.add_argument("--rows", type=int, default=8, help="Number of rows when no keys are given.")
    parser.add_argument("--columns", type=int, default=8, help="Number of frames to draw of each sample.")
    parser.add_argument("--height", type=int, default=160, help="Height of each picture in pixels.")
    parser.add_argument("--captions", action="store_true", help="Write each sample's caption below it.")
    return parser


def _filmstrip(options: Namespace) -> int:
    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.filmstrip import filmstrip
    from underpaint.datagen.format.atomic import atomic_file

    kind = _picture_kind(options.out)
    corpus = Corpus(options.corpus)
    keys = options["keys"]  # as an attribute, it is a method
    samples = [corpus.find(key) for key in keys] if keys else corpus[: max(0, options.rows)]
    strip = filmstrip(samples, columns=options.columns, height=options.height, captions=options.captions)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(options.out) as file:
        strip.save(file, format=kind)
    print(f"{options.out}: {len(samples)} samples, {strip.width} x {strip.height} px")
    return OK


def _picture_kind(out: Path) -> str:
    """Return Pillow's name of the format that a file's suffix stands for."""
    kind = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}.get(out.suffix.lower())
    if kind is None:
        raise ValueError(f"{out} ends in {out.suffix or 'nothing'}: use .png, .jpg or .webp")
    return kind


def _export_parser() -> Parser:
    parser = corpus_parser("Write one sample as an animation, a film, a picture or vectors.")
    parser.add_argument("key", help="Key of the sample, or a part of its key that no other has.")
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        help="File to write: .mp4, .webm, .webp, .gif, .png, .svg or .npz; without a suffix a folder of frames.",
    )
    parser.add_argument(
        "--fps", type=float | None, default=None, help="Frames per second; 8, or what --frames and --seconds make."
    )
    parser.add_argument("--hold", type=float, default=1.5, help="Seconds for which the finished picture then stays.")
    parser.add_argument(
        "--frames",
        type=int | None,
        default=None,
        help="Number of frames, painted again from the strokes; the sample's own, or what --seconds and --fps make.",
    )
    parser.add_argument("--seconds", type=float | None, default=None, help="Length of the film, without --hold.")
    parser.add_argument(
        "--size", type=int | None, default=None, help="Short side in pixels, painted again from the strokes."
    )
    return parser


def _export(options: Namespace) -> int:
    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.export import export

    asked = {name: options[name] for name in ("fps", "hold", "frames", "seconds", "size")}
    advance = _frames_shown() if sys.stderr.isatty() else None
    export(Corpus(options.corpus).find(options.key), options.out, **asked, advance=advance)
    print(options.out)
    return OK


def _frames_shown() -> Callable[[int, int], None]:
    """Return what shows on a terminal how many frames are done, and the time left."""
    began = time.monotonic()

    def show(done: int, of: int) -> None:
        left = (time.monotonic() - began) / done * (of - done)
        line = f"\rframe {done}/{of}, {left:.0f} s left "
        print(line, end="\n" if done == of else "", file=sys.stderr, flush=True)

    return show


def _report_parser() -> Parser:
    from underpaint.datagen.report.build import ReportConfig

    parser = corpus_parser("Write one HTML page that shows a corpus and opens from disk.")
    parser.add_argument("--out", type=Path, required=True, help="HTML page to write, such as report.html.")
    parser.add_class_arguments(ReportConfig)
    return eased(parser)


def _serve_parser() -> Parser:
    parser = corpus_parser("Show a corpus in the browser, a page at a time; Ctrl-C ends it.")
    parser.add_argument("--port", type=int, default=PORT, help="Port to listen on; 0 takes a free one.")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="Address to listen on; everybody who can reach another address than the default sees the corpus.",
    )
    return parser


def _report(options: Namespace) -> int:
    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.report.build import ReportConfig, write_report
    from underpaint.datagen.summary.statistics import size_text

    config = ReportConfig(**{field.name: options[field.name] for field in fields(ReportConfig)})
    corpus = Corpus(options.corpus)
    size = write_report(corpus, options.out, config, _show_films if sys.stderr.isatty() else None)
    print(f"{options.out}: {len(corpus):,} samples, {size_text(size)}; open it in a browser")
    return OK


def _show_films(done: int, of: int) -> None:
    print(f"\rfilm {done}/{of}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _serve(options: Namespace) -> int:
    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.report.server import make_server

    with make_server(Corpus(options.corpus), host=options.host, port=options.port) as server:
        host = f"[{options.host}]" if ":" in options.host else options.host
        print(f"{options.corpus} is at http://{host}:{server.server_port}/; Ctrl-C ends", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return OK


COMMANDS = (
    Command(name="inspect", help="print a corpus, or one sample, at a glance", parser=_inspect_parser, run=_inspect),
    Command(name="filmstrip", help="draw samples as rows of frames", parser=_filmstrip_parser, run=_filmstrip),
    Command(
        name="export",
        help="write one sample as film, animation, picture or vectors",
        parser=_export_parser,
        run=_export,
    ),
    Command(name="report", help="write a corpus as one page for the browser", parser=_report_parser, run=_report),
    Command(name="serve", help="page through a corpus in the browser", parser=_serve_parser, run=_serve),
)
