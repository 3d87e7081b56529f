"""`python -m underpaint.experiments.gpu`: train a nano within some seconds, and leave its networks."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tarfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from underpaint.experiments.gpu.config import LEARNING_RATES, STAGES, GpuConfig

_LEAST = 200  # processes that the autoencoder begins with
_UNSEEN = 32


class RunReport:
    """What happened when, written after each line: a run that is ended has told what it knew."""

    def __init__(self, folder: Path, began: float) -> None:
        self._path, self._began = folder / "report.jsonl", began
        self._path.write_text("")

    def say(self, what: str, **values: Any) -> None:
        """Print a line, and add it to the report."""
        line = {"seconds": round(time.monotonic() - self._began, 1), "what": what, **values}
        print(json.dumps(line), flush=True)
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")


def train(config: GpuConfig) -> bool:
    """Train all stages within the config's seconds; return whether all of them left something."""
    began = time.monotonic()
    from underpaint.experiments.gpu.gallery import Gallery

    gallery = Gallery(config)  # its processes start while this one imports torch
    report = RunReport(config.out, began)
    try:
        return _train(config, gallery, report, began)
    except Exception:
        gallery.close(wait=True)  # another run may take this process's place: those who paint would be left behind
        raise
    finally:
        gallery.close()
        report.say("painted", failed=len(gallery.failed), example=next(iter(gallery.failed.values()), ""))
        (config.out / "frames.u8").unlink(missing_ok=True)


def _train(config: GpuConfig, gallery: Any, report: RunReport, began: float) -> bool:
    import torch

    from underpaint.experiments.gpu.judging import psnr, reads, write_sheet
    from underpaint.experiments.gpu.room import TrainingRoom
    from underpaint.experiments.gpu.stages import NanoStages
    from underpaint.experiments.gpu.steps import TimedTraining
    from underpaint.models.latents import decode, encode
    from underpaint.models.loading import load_base

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(config.seed)
    report.say(
        "begin", device=torch.cuda.get_device_name() if device.type == "cuda" else "cpu", tasks=len(gallery.tasks)
    )
    base = None if config.init is None else load_base(config.init / "base")
    room = TrainingRoom(
        gallery, frames=config.frames, size=config.size, device=device, tokenizer=base and base.tokenizer
    )
    stages = NanoStages(config, room, device, base)
    report.say("networks", tokens=len(room.tokenizer))
    pictures, captions = _unseen(gallery, config)
    shown = torch.from_numpy(pictures).movedim(-1, 1).float().to(device) / 127.5 - 1
    _first_paintings(gallery, room)
    report.say("first paintings", painted=room.painted, longest=room.longest)
    for stage, end in zip(STAGES, config.ends, strict=True):
        if stage == "autoencoder" and config.init is not None:
            stages.finish(stage, config.out / "models")
            continue
        loss, parameters = stages.begin(stage)
        training = TimedTraining(loss, parameters, rate=LEARNING_RATES[stage], device=device, graphs=config.graphs)

        def tick(share: float) -> None:
            room.take_in()
            if stages.config.vae is None:
                stages.guide.fill_(max(0.0, 1 - 2 * share))

        start = time.monotonic()
        try:
            training.run(began + end * config.seconds, tick)
        finally:
            report.say(
                stage, steps=training.steps, each=round((time.monotonic() - start) / max(1, training.steps), 4),
                painted=room.painted, losses=training.losses[:: max(1, len(training.losses) // 20)],
                parameters=sum(each.numel() for each in parameters), note=training.note,
            )  # fmt: skip
        del training, loss
        stages.finish(stage, config.out / "models")
        if stage == "autoencoder":
            again = decode(stages.base.vae, encode(stages.base.vae, shown))
            report.say("autoencoder judged", psnr=round(float(psnr(again, shown).mean()), 2))
        if stage == "base":
            share = reads(stages, encode(stages.base.vae, shown), [f"{config.media[0]}, {each}" for each in captions])
            report.say("base judged", own_caption_better=round(share, 4), pictures=len(captions))
        if stage in ("motion", "replication"):
            _judge(stages, stage, shown, captions, report, write_sheet)
    return True


def _first_paintings(gallery: Any, room: Any) -> None:
    """Wait for as many paintings as the autoencoder begins with, or as there can be."""
    while room.take_in() < min(_LEAST, len(gallery.tasks) - len(gallery.failed)):
        if room.painted == 0 and len(gallery.failed) > 20:
            break
        time.sleep(0.2)
    if not room.painted:
        raise RuntimeError(f"nothing can be painted: {next(iter(gallery.failed.values()))}")


def _judge(stages: Any, stage: str, shown: Any, captions: Sequence[str], report: RunReport, write_sheet: Any) -> None:
    from underpaint.experiments.gpu.judging import paint, psnr, text_films

    folder = stages.config.out
    write_sheet(folder / f"{stage}-text.png", text_films(stages))
    if stage == "replication":
        films = paint(stages, [f"{stages.config.media[0]}, {each}" for each in captions], shown)
        write_sheet(folder / "replication-reconstruct.png", films[:16])
        report.say(
            "reconstructed",
            last=round(float(psnr(films[:, -1], shown).mean()), 2),
            before=round(float(psnr(films[:, -2], shown).mean()), 2),
        )


def _unseen(gallery: Any, config: GpuConfig) -> tuple[Any, list[str]]:
    """Pictures uint8 (N, H, W, 3) that aren't trained on, evenly of all sources, and their captions."""
    import numpy as np

    from underpaint.datagen.sources.reading import read_sources
    from underpaint.experiments.gpu.gallery import picture_of

    rows = gallery.unseen
    chosen = [rows[number] for number in sorted({int(place) for place in np.linspace(0, len(rows) - 1, _UNSEEN)})]
    pictures = []
    for source, index, _ in chosen:
        pictures.append(picture_of(next(iter(read_sources(source, index))), config.size)[0])
    return np.stack(pictures), [caption for _, _, caption in chosen]


def pack(folder: Path, out: Path, part: int = 15 * 2**20) -> None:
    """Write networks, as a tar in parts, and all sheets and reports into one folder."""
    out.mkdir(parents=True, exist_ok=True)
    for path in out.glob("models.tar.*"):
        path.unlink()  # of a run before, which may have left more of them
    archive = folder / "models.tar"
    with tarfile.open(archive, "w") as tar:
        if (folder / "models").is_dir():
            tar.add(folder / "models", "models")
    content = archive.read_bytes()
    for number, first in enumerate(range(0, len(content), part)):
        (out / f"models.tar.{number}").write_bytes(content[first : first + part])
    for path in [*folder.glob("*.png"), *folder.glob("*.jsonl")]:
        (out / path.name).write_bytes(path.read_bytes())


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; what isn't given is `GpuConfig`'s own."""
    parser = argparse.ArgumentParser(prog="python -m underpaint.experiments.gpu", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--pack", type=Path, help="folder for the networks in parts of 15 MiB, sheets and report")
    parser.add_argument("--source", action="append", help="pictures; may be given several times")
    parser.add_argument("--media", type=lambda text: tuple(text.split(",")))
    parser.add_argument("--vae", type=Path)
    parser.add_argument("--init", type=Path, help="networks to go on with")
    parser.add_argument("--ends", type=lambda text: tuple(map(float, text.split(","))), help="as 0.2,0.48,0.62,0.94")
    parser.add_argument("--no-graphs", dest="graphs", action="store_false", default=None)
    for name in ("base", "quality"):
        parser.add_argument(f"--{name}")
    for name in ("size", "frames", "strokes", "workers", "pictures", "sequences", "seed"):
        parser.add_argument(f"--{name}", type=int)
    parser.add_argument("--seconds", type=float)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, and pack whatever there is; 0 after a whole run, 1 otherwise."""
    parser = build_parser()
    values = vars(parser.parse_args(arguments))
    packed, sources = values.pop("pack"), values.pop("source")
    given = {name: value for name, value in values.items() if value is not None}
    try:
        config = GpuConfig(**given, **({"sources": sources} if sources else {}))
    except ValueError as error:
        parser.error(str(error))
    began, whole = time.monotonic(), False
    # Whoever ends a run that takes too long still gets what there is.
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    try:
        whole = train(config)
    except Exception as error:
        traceback.print_exc()
        left = config.seconds - (time.monotonic() - began)
        if config.graphs and left > config.seconds / 2 and not isinstance(error, ValueError):
            # A recording that fails can leave a GPU's state in disorder: once more without, in a new process.
            again = [*(sys.argv[1:] if arguments is None else arguments), "--no-graphs", f"--seconds={left:.0f}"]
            os.execv(sys.executable, [sys.executable, "-m", "underpaint.experiments.gpu", *again])
    finally:
        if packed is not None:
            pack(config.out, packed)
        signal.signal(signal.SIGTERM, before)
    return 0 if whole else 1
