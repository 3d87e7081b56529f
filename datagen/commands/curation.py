"""The commands that make corpora of corpora, `merge`, `split`, `reorder`; and `dedupe`, for a source."""

from __future__ import annotations

from pathlib import Path

from jsonargparse import Namespace

from underpaint.commandline.parser import Parser, eased
from underpaint.commandline.showing import say
from underpaint.datagen.commands.command import OK, Command, ProgressLine, add_workers, corpus_parser


def _merge_parser() -> Parser:
    parser = Parser(description="Join several corpora into a new one; the same command continues.")
    parser.add_argument("corpora", nargs="+", help="Folders or URLs of at least two corpora.")
    parser.add_argument("--out", type=str, required=True, help="Folder or URL of the new corpus.")
    parser.add_argument(
        "--mixed", type=bool, default=False, help="Join corpora even if canvases or numbers of frames differ."
    )
    add_workers(parser)
    return eased(parser)


def _merge(options: Namespace) -> int:
    from underpaint.datagen.curation.merge import merge

    progress = ProgressLine("shard")
    sums = merge(options.corpora, options.out, mixed=options.mixed, workers=options.workers, on_shard=progress)
    progress.end()
    print(f"{options.out}: {sums.total.samples} samples in {len(sums.shards)} shards")
    return OK


def _split_parser() -> Parser:
    parser = corpus_parser("Divide a corpus into OUT/train and OUT/validation; no picture is in both.")
    parser.add_argument("--out", type=str, required=True, help="Folder or URL to write the two corpora into.")
    parser.add_argument("--validation", type=float, default=0.05, help="Share of the pictures to hold out.")
    add_workers(parser)
    return parser


def _split(options: Namespace) -> int:
    from underpaint.datagen.curation.split import split

    progress = ProgressLine("shard")
    sides = split(
        options.corpus, options.out, validation=options.validation, workers=options.workers, on_shard=progress
    )
    progress.end()
    for side, sums in sides.items():
        print(f"{options.out}/{side}: {sums.total.samples} samples in {len(sums.shards)} shards")
    return OK


def _reorder_parser() -> Parser:
    from underpaint.datagen.curation.reorder import Cut
    from underpaint.renderers.order.reorder import PLACE

    parser = corpus_parser(
        "Write a corpus anew, the strokes of each painting in the order in which people paint: the same finished "
        "pictures, and nothing is painted again. The same command continues."
    )
    parser.add_argument("--out", type=str, required=True, help="Folder or URL of the new corpus.")
    parser.add_argument(
        "--place",
        type=float,
        default=PLACE,
        help="The longest side of a place that is finished before the next, in sides of the canvas.",
    )
    parser.add_argument(
        "--schedule",
        type=Cut | None,
        help="What grows evenly from frame to frame, as `--schedule` of `generate`; by default each medium's own.",
    )
    add_workers(parser)
    return eased(parser)


def _reorder(options: Namespace) -> int:
    from underpaint.datagen.curation.reorder import reorder

    progress = ProgressLine("shard")
    done = reorder(
        options.corpus,
        options.out,
        place=options.place,
        schedule=options.schedule,
        workers=options.workers,
        on_shard=progress,
    )
    progress.end()
    total = done.sums.total.samples
    print(f"{options.out}: {total - done.unchanged} of {total} samples reordered", end="")
    print(f"; {done.unchanged} have no other order, and are as they were" if done.unchanged else "")
    return OK


def _dedupe_parser() -> Parser:
    from underpaint.datagen.curation.dedupe import DISTANCE, Keep

    parser = Parser(description="List the pictures of a source without near-duplicates, as a source for `generate`.")
    parser.add_argument(
        "source", type=str, help="Pictures: a folder, a glob, a .jsonl, .csv or .parquet that lists them; path or URL."
    )
    parser.add_argument(
        "--out", type=Path, required=True, help="List to write, a .jsonl, best in the folder of the source."
    )
    parser.add_argument(
        "--distance",
        type=int,
        default=DISTANCE,
        help="Number of bits, of 64, in which the hashes of near-duplicates may differ.",
    )
    parser.add_argument(
        "--keep", type=Keep, default="largest", help="Which picture of a group of near-duplicates to keep."
    )
    parser.add_argument("--report", type=Path | None, help="JSON file to write the groups of near-duplicates to.")
    add_workers(parser)
    return parser


def _dedupe(options: Namespace) -> int:
    from underpaint.datagen.curation.dedupe import dedupe

    progress = ProgressLine("picture")
    found = dedupe(
        options.source,
        options.out,
        distance=options.distance,
        keep=options.keep,
        report=options.report,
        workers=options.workers,
        on_picture=progress,
    )
    progress.end()
    for group in found.groups[:10]:
        say(f"{group[0]}: also {', '.join(group[1:])}")
    if len(found.groups) > 10:
        print(f"… and {len(found.groups) - 10} groups more; --report writes all")
    print(f"{options.out}: {found.pictures - found.dropped} of {found.pictures} pictures", end="")
    print(f"; {len(found.unusable)} can't be used" if found.unusable else "")
    return OK


COMMANDS = (
    Command(name="merge", help="join several corpora into one", parser=_merge_parser, run=_merge),
    Command(
        name="split",
        help="divide a corpus into one to train on and one to validate with",
        parser=_split_parser,
        run=_split,
    ),
    Command(
        name="reorder",
        help="put the strokes of a corpus in the order in which people paint",
        parser=_reorder_parser,
        run=_reorder,
    ),
    Command(
        name="dedupe",
        help="list the pictures of a source without near-duplicates",
        parser=_dedupe_parser,
        run=_dedupe,
    ),
)
