"""The commands that put corpora together and apart, and rid a source of near-duplicates: `merge`, `split`, `dedupe`."""

from __future__ import annotations

from pathlib import Path

from jsonargparse import Namespace

from underpaint.commandline.parser import Parser, eased
from underpaint.datagen.commands.command import OK, Command, Told, add_workers, corpus_parser


def _merge_parser() -> Parser:
    parser = Parser(description="Make one corpus of several; the same command continues. The first keeps its bytes.")
    parser.add_argument("corpora", nargs="+", help="Folders or URLs of the corpora, at least two.")
    parser.add_argument("--out", type=str, required=True, help="Folder or URL of the new corpus.")
    parser.add_argument("--mixed", type=bool, default=False, help="Whether canvases and numbers of frames may differ.")
    add_workers(parser)
    return eased(parser)


def _merge(options: Namespace) -> int:
    from underpaint.datagen.curation.merge import merge

    told = Told("shard")
    sums = merge(options.corpora, options.out, mixed=options.mixed, workers=options.workers, on_shard=told)
    told.end()
    print(f"{options.out}: {sums.total.samples} samples in {len(sums.shards)} shards")
    return OK


def _split_parser() -> Parser:
    parser = corpus_parser("Make OUT/train and OUT/validation of a corpus; no picture is in both.")
    parser.add_argument("--out", type=str, required=True, help="Folder or URL in which the two corpora are made.")
    parser.add_argument("--validation", type=float, default=0.05, help="Share of the pictures to hold out.")
    add_workers(parser)
    return parser


def _split(options: Namespace) -> int:
    from underpaint.datagen.curation.split import split

    told = Told("shard")
    sides = split(options.corpus, options.out, validation=options.validation, workers=options.workers, on_shard=told)
    told.end()
    for side, sums in sides.items():
        print(f"{options.out}/{side}: {sums.total.samples} samples in {len(sums.shards)} shards")
    return OK


def _dedupe_parser() -> Parser:
    from underpaint.datagen.curation.dedupe import DISTANCE, Keep

    parser = Parser(description="List the pictures of a source without near-duplicates, to be a source itself.")
    parser.add_argument("source", type=str, help="As of `generate`: folder, glob, .jsonl, .csv, URL.")
    parser.add_argument("--out", type=Path, required=True, help="The list, a .jsonl; best in the folder of the source.")
    parser.add_argument(
        "--distance", type=int, default=DISTANCE, help="Bits of 64 in which near-duplicates may differ."
    )
    parser.add_argument("--keep", type=Keep, default="largest", help="Which picture of a group stays.")
    parser.add_argument("--report", type=Path | None, help="Where to write the groups, as JSON.")
    add_workers(parser)
    return parser


def _dedupe(options: Namespace) -> int:
    from underpaint.datagen.curation.dedupe import dedupe

    told = Told("picture")
    found = dedupe(
        options.source,
        options.out,
        distance=options.distance,
        keep=options.keep,
        report=options.report,
        workers=options.workers,
        on_picture=told,
    )
    told.end()
    for group in found.groups[:10]:
        print(f"{group[0]}: also {', '.join(group[1:])}")
    if len(found.groups) > 10:
        print(f"… and {len(found.groups) - 10} groups more; --report writes all")
    print(f"{options.out}: {found.pictures - found.dropped} of {found.pictures} pictures", end="")
    print(f"; {len(found.unusable)} can't be used" if found.unusable else "")
    return OK


COMMANDS = (
    Command(name="merge", help="make one corpus of several", parser=_merge_parser, run=_merge),
    Command(name="split", help="make a corpus to train on and one to validate with", parser=_split_parser, run=_split),
    Command(
        name="dedupe",
        help="list the pictures of a source without near-duplicates",
        parser=_dedupe_parser,
        run=_dedupe,
    ),
)
