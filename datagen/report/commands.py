"""The commands `underpaint-data report` and `underpaint-data serve`."""

from __future__ import annotations

import sys
from dataclasses import fields
from pathlib import Path

from jsonargparse import Namespace

from commandline.parser import Parser, eased
from datagen.report.config import ReportConfig

# Away from 8000, where every other small server is.
PORT = 8420


def report_parser(parser: Parser) -> Parser:
    """Add the options of `report` to a parser that takes a corpus."""
    parser.add_argument("--out", type=Path, required=True, help="Page to write, such as report.html.")
    parser.add_class_arguments(ReportConfig)
    return eased(parser)


def serve_parser(parser: Parser) -> Parser:
    """Add the options of `serve` to a parser that takes a corpus."""
    parser.add_argument("--port", type=int, default=PORT, help="Port to listen at; 0 takes any that is free.")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="Address to listen at; with another than the default, everybody who reaches it sees the corpus.",
    )
    return parser


def run_report(options: Namespace) -> int:
    """Write the page, and say where it is."""
    from datagen.corpus import Corpus
    from datagen.report.build import write_report
    from datagen.report.words import size_text

    config = ReportConfig(**{field.name: options[field.name] for field in fields(ReportConfig)})
    corpus = Corpus(options.corpus)
    size = write_report(corpus, options.out, config, _tell if sys.stderr.isatty() else None)
    print(f"{options.out}: {len(corpus):,} samples, {size_text(size)}; open it in a browser")
    return 0


def _tell(done: int, of: int) -> None:
    print(f"\rfilm {done}/{of}", end="\n" if done == of else "", file=sys.stderr, flush=True)


def run_serve(options: Namespace) -> int:
    """Serve the corpus until Ctrl-C."""
    from datagen.corpus import Corpus
    from datagen.report.server import make_server

    with make_server(Corpus(options.corpus), host=options.host, port=options.port) as server:
        host = f"[{options.host}]" if ":" in options.host else options.host
        print(f"{options.corpus} is at http://{host}:{server.server_port}/; Ctrl-C ends", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0
