"""The commands that tell whether a corpus is to be trusted, and those that put corpora together and apart."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jsonargparse import Namespace

from commandline.parser import Parser, eased
from datagen.card_config import CardConfig

OK, FAULTY = 0, 1


def add_trust_parsers(commands: Any) -> None:
    """Let a parser know the commands of `TRUST_COMMANDS`."""
    commands.add_subcommand("verify", _verify_parser(), help="check every checksum, frame and stroke; repair")
    commands.add_subcommand("manifest", _manifest_parser(), help="write manifest.json anew")
    commands.add_subcommand("stats", _stats_parser(), help="print distributions and curves of a corpus")
    commands.add_subcommand("card", _card_parser(), help="write the dataset card README.md")
    commands.add_subcommand("merge", _merge_parser(), help="make one corpus of several")
    commands.add_subcommand("split", _split_parser(), help="make a corpus to train on and one to validate with")
    commands.add_subcommand("dedupe", _dedupe_parser(), help="list the pictures of a source without near-duplicates")


def _corpus_parser(description: str) -> Parser:
    parser = Parser(description=description)
    parser.add_argument("corpus", type=str, help="Folder or URL of the corpus.")
    return parser


def _add_workers(parser: Parser) -> None:
    parser.add_argument(
        "--workers", type=int | None, default=None, help="Processes; all cores when not given, 0 works in this one."
    )


def _verify_parser() -> Parser:
    parser = _corpus_parser("Check a corpus. Exit status 1 if anything is wrong; every fault is named.")
    parser.add_argument("--json", action="store_true", help="Print the faults as JSON.")
    parser.add_argument(
        "--sample",
        type=str,
        default="all",
        help="Share of the tars to read, in percent and with its sign.",
    )
    parser.add_argument("--seed", type=int, default=0, help="Another seed draws other shards.")
    parser.add_argument("--replay", type=bool, default=True, help="Whether what is read is painted again, too.")
    parser.add_argument("--repair", type=bool, default=False, help="Make faulty shards again, from the pictures.")
    parser.add_argument("--source", type=str | None, help="Where the pictures are now, for --repair.")
    _add_workers(parser)
    return eased(parser)


def _verify(options: Namespace) -> int:
    from dataclasses import asdict

    from datagen.verify import Thoroughness, share_of, verify

    thoroughness = Thoroughness(share=share_of(options.sample), seed=options.seed, replay=options.replay)
    if options.source is not None and not options.repair:
        raise ValueError("--source says where the pictures are for --repair: give both, or none")
    told = _Told("shard")
    faults = verify(options.corpus, thoroughness=thoroughness, workers=options.workers, on_shard=told)
    repaired, failed = [], {}
    if options.repair and faults:
        result = _repair(options, sorted({fault.shard for fault in faults if fault.shard}))
        repaired, failed = result.repaired, result.failed
        again = Thoroughness(shards=result.repaired)
        faults = verify(options.corpus, thoroughness=again, workers=options.workers)
    told.end()
    if options.json:
        record = {"shards": told.count, "faults": [asdict(fault) for fault in faults]}
        print(json.dumps(record | ({"repaired": repaired, "failed": failed} if options.repair else {}), indent=1))
    else:
        for fault in faults:
            print(fault)
        for shard in repaired:
            print(f"{shard}: repaired")
        for shard, why in failed.items():
            print(f"{shard}: not repaired: {why}")
        read = "" if options.sample == "all" else f", {options.sample} of them read"
        print(f"{told.count} shards checked{read}; faults: {len(faults) or 'none'}")
    return FAULTY if faults else OK


def _repair(options: Namespace, shards: list[str]) -> Any:
    from datagen.repair import repair

    return repair(options.corpus, shards, source=options.source, workers=options.workers, on_shard=_Told("repaired"))


def _manifest_parser() -> Parser:
    return _corpus_parser("Write manifest.json anew, from the sidecars alone.")


def _manifest(options: Namespace) -> int:
    from datagen.manifest import MANIFEST_FILE, write_manifest
    from datagen.store import Store

    sums = write_manifest(_existing(Store(options.corpus)))
    print(f"{MANIFEST_FILE}: {sums.total.samples} samples in {len(sums.shards)} shards")
    return OK


def _existing(store: Any) -> Any:
    from datagen.shard import sidecar_names

    if not sidecar_names(store.sizes()):
        raise FileNotFoundError(f"{store} holds no finished shard: no 000000.json in it")
    return store


def _stats_parser() -> Parser:
    from datagen.statistics import SAMPLES

    parser = _corpus_parser("Print what a corpus is like: distributions from its sidecars, curves from some samples.")
    parser.add_argument("--samples", type=int, default=SAMPLES, help="Samples that are looked into; 0 reads none.")
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")
    return parser


def _stats(options: Namespace) -> int:
    from rich.console import Console

    from datagen.statistics import corpus_statistics
    from datagen.statistics_tables import statistics_tables

    record = corpus_statistics(options.corpus, samples=options.samples)
    if options.json:
        print(json.dumps(record, indent=1))
        return OK
    for table in statistics_tables(record):
        Console().print(table)
    return OK


def _card_parser() -> Parser:
    parser = _corpus_parser("Write the dataset card README.md, as the Hugging Face hub reads it.")
    parser.add_class_arguments(CardConfig)
    return eased(parser)


def _card(options: Namespace) -> int:
    from datagen.card import CARD_FILE, write_card

    values = options.as_dict()
    place = values.pop("corpus")
    write_card(place, CardConfig(**values))
    print(f"{place}/{CARD_FILE}")
    return OK


def _merge_parser() -> Parser:
    parser = Parser(description="Make one corpus of several; the same command continues. The first keeps its bytes.")
    parser.add_argument("corpora", nargs="+", help="Folders or URLs of the corpora, at least two.")
    parser.add_argument("--out", type=str, required=True, help="Folder or URL of the new corpus.")
    parser.add_argument("--mixed", type=bool, default=False, help="Whether canvases and numbers of frames may differ.")
    _add_workers(parser)
    return eased(parser)


def _merge(options: Namespace) -> int:
    from datagen.merge import merge

    told = _Told("shard")
    sums = merge(options.corpora, options.out, mixed=options.mixed, workers=options.workers, on_shard=told)
    told.end()
    print(f"{options.out}: {sums.total.samples} samples in {len(sums.shards)} shards")
    return OK


def _split_parser() -> Parser:
    parser = _corpus_parser("Make OUT/train and OUT/validation of a corpus; no picture is in both.")
    parser.add_argument("--out", type=str, required=True, help="Folder or URL in which the two corpora are made.")
    parser.add_argument("--validation", type=float, default=0.05, help="Share of the pictures to hold out.")
    _add_workers(parser)
    return parser


def _split(options: Namespace) -> int:
    from datagen.split import split

    told = _Told("shard")
    sides = split(options.corpus, options.out, validation=options.validation, workers=options.workers, on_shard=told)
    told.end()
    for side, sums in sides.items():
        print(f"{options.out}/{side}: {sums.total.samples} samples in {len(sums.shards)} shards")
    return OK


def _dedupe_parser() -> Parser:
    from datagen.dedupe import DISTANCE, Keep

    parser = Parser(description="List the pictures of a source without near-duplicates, to be a source itself.")
    parser.add_argument("source", type=str, help="As of `generate`: folder, glob, .jsonl, .csv, URL.")
    parser.add_argument("--out", type=Path, required=True, help="The list, a .jsonl; best in the folder of the source.")
    parser.add_argument(
        "--distance", type=int, default=DISTANCE, help="Bits of 64 in which near-duplicates may differ."
    )
    parser.add_argument("--keep", type=Keep, default="largest", help="Which picture of a group stays.")
    parser.add_argument("--report", type=Path | None, help="Where to write the groups, as JSON.")
    _add_workers(parser)
    return parser


def _dedupe(options: Namespace) -> int:
    from datagen.dedupe import dedupe

    told = _Told("picture")
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


class _Told:
    """Counts what has been done, and tells it on a terminal."""

    def __init__(self, what: str) -> None:
        self._what, self.count = what, 0

    def __call__(self, name: object) -> None:
        self.count += 1
        if sys.stderr.isatty():
            print(f"\r{self._what} {name} ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if sys.stderr.isatty() and self.count:
            print(file=sys.stderr)


TRUST_COMMANDS: dict[str, Callable[[Any], int]] = {
    "verify": _verify,
    "manifest": _manifest,
    "stats": _stats,
    "card": _card,
    "merge": _merge,
    "split": _split,
    "dedupe": _dedupe,
}
