"""The commands that check a corpus, and say what is in it: `verify`, `manifest`, `stats` and `card`."""

from __future__ import annotations

import json
from typing import Any

from jsonargparse import Namespace

from underpaint.commandline.parser import Parser, eased
from underpaint.commandline.showing import say, show
from underpaint.datagen.commands.command import FAULTY, OK, Command, ProgressLine, add_workers, corpus_parser


def _verify_parser() -> Parser:
    parser = corpus_parser("Check a corpus and name every fault. The exit status is 1 if there is any.")
    parser.add_argument("--json", action="store_true", help="Print the faults as JSON.")
    parser.add_argument(
        "--sample",
        type=str,
        default="all",
        help="Share of the tars to read: `all`, or percent such as 1%.",
    )
    parser.add_argument("--seed", type=int, default=0, help="Seed that chooses the tars to read with --sample.")
    parser.add_argument(
        "--replay", type=bool, default=True, help="Paint every sample that is read again, and compare its frames."
    )
    parser.add_argument("--repair", type=bool, default=False, help="Make faulty shards again from their pictures.")
    parser.add_argument(
        "--source", type=str | None, help="Place of the pictures for --repair, if it isn't where the job found them."
    )
    add_workers(parser)
    return eased(parser)


def _verify(options: Namespace) -> int:
    from dataclasses import asdict

    from underpaint.datagen.trust.verify import Thoroughness, share_of, verify

    thoroughness = Thoroughness(share=share_of(options.sample), seed=options.seed, replay=options.replay)
    if options.source is not None and not options.repair:
        raise ValueError("--source says where the pictures are for --repair: give both, or none")
    progress = ProgressLine("shard")
    faults = verify(options.corpus, thoroughness=thoroughness, workers=options.workers, on_shard=progress)
    repaired, failed = [], {}
    if options.repair and faults:
        result = _repair(options, sorted({fault.shard for fault in faults if fault.shard}))
        repaired, failed = result.repaired, result.failed
        again = Thoroughness(shards=result.repaired)
        faults = verify(options.corpus, thoroughness=again, workers=options.workers)
    progress.end()
    if options.json:
        record = {"shards": progress.count, "faults": [asdict(fault) for fault in faults]}
        record |= {"repaired": repaired, "failed": failed} if options.repair else {}
        print(json.dumps(record, indent=1, allow_nan=False))
    else:
        for fault in faults:
            say(fault)
        for shard in repaired:
            say(f"{shard}: repaired")
        for shard, why in failed.items():
            say(f"{shard}: not repaired: {why}")
        read = "" if options.sample == "all" else f", {options.sample} of them read"
        print(f"{progress.count} shards checked{read}; faults: {len(faults) or 'none'}")
    return FAULTY if faults else OK


def _repair(options: Namespace, shards: list[str]) -> Any:
    from underpaint.datagen.trust.repair import repair

    return repair(
        options.corpus, shards, source=options.source, workers=options.workers, on_shard=ProgressLine("repaired")
    )


def _manifest_parser() -> Parser:
    return corpus_parser("Write manifest.json again, from the sidecars alone.")


def _manifest(options: Namespace) -> int:
    from underpaint.datagen.format.manifest import MANIFEST_FILE
    from underpaint.datagen.storage.sidecars import existing_sidecars, read_sidecars, write_manifest
    from underpaint.datagen.storage.store import Store

    store = Store(options.corpus)
    sums = write_manifest(store, read_sidecars(store, existing_sidecars(store)))
    print(f"{MANIFEST_FILE}: {sums.total.samples} samples in {len(sums.shards)} shards")
    return OK


def _stats_parser() -> Parser:
    from underpaint.datagen.summary.statistics import SAMPLES

    parser = corpus_parser("Print what a corpus is like: distributions from its sidecars, curves from some samples.")
    parser.add_argument(
        "--samples", type=int, default=SAMPLES, help="Number of samples to decode for the curves; 0 decodes none."
    )
    parser.add_argument("--json", action="store_true", help="Print the figures as JSON.")
    return parser


def _stats(options: Namespace) -> int:
    from underpaint.datagen.summary.statistics import corpus_statistics
    from underpaint.datagen.summary.tables import statistics_tables

    record = corpus_statistics(options.corpus, samples=options.samples)
    if options.json:
        print(json.dumps(record, indent=1, allow_nan=False))
        return OK
    show(statistics_tables(record))
    return OK


def _card_parser() -> Parser:
    from underpaint.datagen.summary.card import CardConfig

    parser = corpus_parser("Write the dataset card README.md for the Hugging Face hub.")
    parser.add_class_arguments(CardConfig)
    return eased(parser)


def _card(options: Namespace) -> int:
    from underpaint.datagen.summary.card import CARD_FILE, CardConfig, write_card

    values = options.as_dict()
    place = values.pop("corpus")
    write_card(place, CardConfig(**values))
    print(f"{place}/{CARD_FILE}")
    return OK


COMMANDS = (
    Command(name="verify", help="check every checksum, frame and stroke; repair", parser=_verify_parser, run=_verify),
    Command(name="manifest", help="write manifest.json again", parser=_manifest_parser, run=_manifest),
    Command(name="stats", help="print distributions and curves of a corpus", parser=_stats_parser, run=_stats),
    Command(name="card", help="write the dataset card README.md", parser=_card_parser, run=_card),
)
