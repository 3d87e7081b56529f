"""The commands that show a corpus in a browser: `report` and `serve`."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from jsonargparse import Namespace

from underpaint.commandline.parser import Parser, eased
from underpaint.datagen.commands.command import OK, Command, corpus_parser
from underpaint.datagen.report.config import ReportConfig

# Away from 8000, where every other small server is.
PORT = 8420


def _report_parser() -> Parser:
    parser = corpus_parser("Write one HTML page that shows a corpus, and opens from disk.")
    parser.add_argument("--out", type=Path, required=True, help="Page to write, such as report.html.")
    parser.add_class_arguments(ReportConfig)
    return eased(parser)


def _serve_parser() -> Parser:
    parser = corpus_parser("Show a corpus in the browser, a page at a time; Ctrl-C ends it.")
    parser.add_argument("--port", type=int, default=PORT, help="Port to listen at; 0 takes any that is free.")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="Address to listen at; with another than the default, everybody who reaches it sees the corpus.",
    )
    return parser


def _report(options: Namespace) -> int:
    from underpaint.datagen.corpus import Corpus
    from underpaint.datagen.report.build import write_report
    from underpaint.datagen.report.words import size_text

    config = ReportConfig(**{field.name: options[field.name] for field in fields(ReportConfig)})
    corpus = Corpus(options.corpus)
    size = write_report(corpus, options.out, config, _tell if sys.stderr.isatty() else None)
    print(f"{options.out}: {len(corpus):,} samples, {size_text(size)}; open it in a browser")
    return OK


def _tell(done: int, of: int) -> None:
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
    Command(name="report", help="write a corpus as one page for the browser", parser=_report_parser, run=_report),
    Command(name="serve", help="page through a corpus in the browser", parser=_serve_parser, run=_serve),
)
