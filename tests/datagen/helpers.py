"""What the tests of datagen share besides fixtures."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import underpaint.renderers.media
from underpaint import renderers
from underpaint.datagen.cli import main
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.frames import decode_frames
from underpaint.datagen.format.sample import Sample
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.format.tar import TarStream
from underpaint.datagen.format.webp import encode_frames
from underpaint.datagen.generate import Result, generate
from underpaint.datagen.jobs.plan import fingerprint_of
from underpaint.datagen.sources.source import Source, SourceList, Tally
from underpaint.datagen.storage.sidecars import write_manifest
from underpaint.datagen.trust.verify import verify
from underpaint.renderers.medium import Medium

ROOT = Path(__file__).parents[2]


def synthetic(seed: int, size: tuple[int, int] = (80, 64)) -> Image.Image:
    """A smooth picture with an edge: something to paint."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (4, 5, 3), np.uint8))
    picture = coarse.resize(size, Image.Resampling.BICUBIC)
    picture.paste((int(random.integers(256)), 40, 90), (size[0] // 3, 10, size[0] // 2, size[1] - 10))
    return picture


@contextmanager
def second_medium() -> Iterator[Medium]:
    """Let renderers find `charcoal`, the medium in `tests/datagen/media`; processes that are started don't."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            underpaint.renderers.media,
            "__path__",
            [*underpaint.renderers.media.__path__, str(Path(__file__).parent / "media")],
        )
        yield renderers.get_medium("charcoal")


# Small enough that a picture takes milliseconds.
SMALL = {"size": 48, "strokes": 24, "frames": 5, "quality": "draft", "shard_size": 4, "workers": 0}


def quietly(config: GenerateConfig) -> Result:
    """Generate without showing progress."""
    return generate(config, stream=io.StringIO())


def summed(sources: Iterable[Source]) -> SourceList:
    """Count and digest of sources."""
    tally = Tally()
    for source in sources:
        tally.add(source)
    return tally.sum()


def answer(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> str:
    """What a command of `underpaint-data` prints; it must end with the status."""
    assert main([str(argument) for argument in arguments]) == status
    return capsys.readouterr().out


def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    """Start `python -m underpaint.datagen` as a user would."""
    command = [sys.executable, "-m", "underpaint.datagen", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": environment} | options
    return subprocess.Popen(command, **settings)  # type: ignore[call-overload]


def tar_bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.tar"))}


# --- damage to a sample of a finished corpus, and what verify says of it

KEY, CHARCOAL = "00000001-p0-bezier", "00000001-p0-charcoal"


def kinds(folder: Path) -> set[tuple[str, str, str]]:
    faults = verify(folder)
    assert all(fault.detail for fault in faults)
    return {(fault.shard, fault.key, fault.kind) for fault in faults}


def rewrite(folder: Path, change: Callable[[str, dict[str, bytes]], dict[str, bytes]]) -> None:
    """Write shard 000000 anew with changed members, and a sidecar and a manifest that agree with them."""
    path = folder / "000000.json"
    sidecar = json.loads(path.read_bytes())
    data = (folder / "000000.tar").read_bytes()
    with (folder / "000000.tar").open("wb") as file:
        stream = TarStream(file)
        for entry in sidecar["samples"]:
            members = {name: data[start : start + size] for name, (start, size) in entry["members"].items()}
            span = stream.add(Sample(key=entry["key"], files=change(entry["key"], members), record={}))
            entry |= {"offset": span.offset, "bytes": span.bytes, "members": span.members}
        sidecar["bytes"], sidecar["sha256"] = stream.close()
    path.write_bytes(sealed_bytes(sidecar))
    write_manifest(folder)


def rewrite_one(folder: Path, damaged: str = KEY, **changes: Callable[[bytes], bytes]) -> None:
    """As `rewrite`, of the members of one sample only; None drops a member."""

    def change(key: str, members: dict[str, bytes]) -> dict[str, bytes]:
        if key != damaged:
            return members
        named = {name.replace("_", "."): function for name, function in changes.items()}
        return {name: named.get(name, bytes)(data) for name, data in members.items() if named.get(name, bytes)}

    rewrite(folder, change)


def with_json(folder: Path, damaged: str = KEY, **values: object) -> None:
    rewrite_one(folder, damaged, json=lambda data: json.dumps(json.loads(data) | values).encode())


def without_phases(folder: Path) -> None:
    """Have one sample say less of its frames, as those of older corpora do."""

    def older(data: bytes) -> bytes:
        record = json.loads(data)
        for frame in record["frames"]:
            del frame["phase"]
        return json.dumps(record).encode()

    rewrite_one(folder, json=older)


def with_frames(folder: Path, change: Callable[[np.ndarray], np.ndarray]) -> None:
    rewrite_one(folder, webp=lambda data: encode_frames(change(decode_frames(data, 5).copy())))


def with_fingerprint(folder: Path, job: dict[str, Any]) -> None:
    """Write a changed job.json, and sidecars that belong to it."""
    job["fingerprint"] = fingerprint_of(job)
    (folder / "job.json").write_text(json.dumps(job))
    for path in folder.glob("0*.json"):
        path.write_bytes(sealed_bytes(json.loads(path.read_bytes()) | {"fingerprint": job["fingerprint"]}))
    write_manifest(folder)
