"""Samples a second of each library that reads a corpus: `python -m benchmarks.loaders CORPUS`.

Each loader reads all samples with all their frames, in batches of four, in this process. Bare decoding of the same
samples, Pillow and `np.asarray` on the bytes of their animations, takes turns with it. Seconds are CPU seconds of one
thread; ratios are medians over the rounds. The frames of each are compared with the corpus, to the byte, before it is
measured. Then the frames of the first samples are stored and decoded in each format.
"""

from __future__ import annotations

import importlib.util
import io
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader

from benchmarks.measuring import cpu_seconds, machine
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.decoding import ProcessDecoder
from underpaint.datagen.format.frames import FrameFormat, decode_frames, encode_members, stored_frames
from underpaint.datagen.format.index import CorpusIndex, read_index
from underpaint.training.corpus_dataset import CorpusDataset, CorpusStream, collate_samples

_ROUNDS, _BATCH = 7, 4
_STORED = 8  # samples of the comparison of formats
Epoch = Callable[[], Iterator[tuple[str, Any]]]  # all samples once, as (key, frames)


def _batches(loader: Iterable[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for batch in loader:
        yield from zip(batch["key"], batch["frames"], strict=True)


def _pytorch(corpus: Path) -> Epoch:
    loader = DataLoader(CorpusDataset(corpus), batch_size=_BATCH, collate_fn=collate_samples)
    return lambda: _batches(loader)


def _stream(corpus: Path) -> Epoch:
    loader = DataLoader(CorpusStream(corpus), batch_size=_BATCH, collate_fn=collate_samples)
    return lambda: _batches(loader)


def _webdataset(corpus: Path) -> Epoch:
    import webdataset

    shards = [str(path) for path in sorted(corpus.glob("[0-9]*.tar"))]
    dataset = webdataset.WebDataset(shards, shardshuffle=False).map(ProcessDecoder())
    loader = DataLoader(dataset, batch_size=_BATCH, collate_fn=collate_samples)
    return lambda: _batches(loader)


def _datasets(corpus: Path) -> Epoch:
    from datasets import Features, Json, Value, load_dataset

    columns = Features({"__key__": Value("string"), "webp": Value("binary"), "json": Json()})
    files = {"train": str(corpus / "*.tar")}
    dataset = load_dataset("webdataset", data_files=files, features=columns, streaming=True)["train"]
    decode = ProcessDecoder()
    loader = DataLoader(dataset, batch_size=_BATCH, collate_fn=lambda rows: collate_samples([*map(decode, rows)]))
    return lambda: _batches(loader)


def _energon(corpus: Path) -> Epoch:
    from megatron.energon import (
        Cooker,
        DefaultTaskEncoder,
        Sample,
        WorkerConfig,
        basic_sample_keys,
        edataclass,
        get_loader,
        get_train_dataset,
        stateless,
    )

    if not (corpus / ".nv-meta").is_dir():
        options = ["--non-interactive", "--num-workers", "1", "--split-ratio", "1,0,0", "--sample-type"]
        command = [
            sys.executable,
            "-m",
            "megatron.energon.cli.main",
            "prepare",
            *options,
            "CrudeWebdataset",
            str(corpus),
        ]
        subprocess.run(command, check=True, capture_output=True)
    decode = ProcessDecoder()

    @edataclass  # type: ignore[untyped-decorator,unused-ignore]
    class PaintingSample(Sample):  # type: ignore[misc,unused-ignore]
        key: str
        frames: torch.Tensor

    @stateless  # type: ignore[untyped-decorator,unused-ignore]
    def cook(sample: Any) -> PaintingSample:
        found = decode(sample)
        return PaintingSample(**basic_sample_keys(sample), key=found["key"], frames=torch.from_numpy(found["frames"]))

    class PaintingTask(DefaultTaskEncoder):  # type: ignore[misc,unused-ignore]
        decoder = None
        cookers = [Cooker(cook)]  # noqa: RUF012

    dataset = get_train_dataset(
        corpus,
        task_encoder=PaintingTask(),
        batch_size=_BATCH,
        worker_config=WorkerConfig(rank=0, world_size=1, num_workers=0),
        shuffle_buffer_size=None,
        max_samples_per_sequence=None,
        repeat=False,
    )
    loader = get_loader(dataset)
    return lambda: ((key, frames) for batch in loader for key, frames in zip(batch.key, batch.frames, strict=True))


LOADERS: dict[str, tuple[str, Callable[[Path], Epoch]]] = {
    "PyTorch, CorpusDataset": ("torch", _pytorch),
    "PyTorch, CorpusStream": ("torch", _stream),
    "webdataset": ("webdataset", _webdataset),
    "Hugging Face datasets": ("datasets", _datasets),
    "Megatron-Energon": ("megatron", _energon),
}


def loading(corpus: Path) -> None:
    """Print the samples that each loader gives in a second, beside bare decoding."""
    (index,) = read_index(corpus, lambda source, renderer: True)
    print(f"{len(index)} samples, samples per CPU second; share of bare decoding in the same round")
    for name, (module, build) in LOADERS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name:24} not installed")
            continue
        epoch = build(corpus)
        _compare(corpus, epoch)
        rounds = [
            (cpu_seconds(partial(_bare, index))[0], cpu_seconds(partial(_drain, epoch))[0]) for _ in range(_ROUNDS)
        ]
        bare, loaded = (statistics.median(column) for column in zip(*rounds, strict=True))
        share = statistics.median(one / other for one, other in rounds)
        print(f"{name:24} {len(index) / loaded:6.1f}   bare {len(index) / bare:6.1f}   {share:.0%}")


def _compare(corpus: Path, epoch: Epoch) -> None:
    found = {key: np.asarray(frames).copy() for key, frames in epoch()}
    samples = Corpus(corpus)
    assert found.keys() == set(samples.keys()), "samples are missing"
    for sample in samples:
        np.testing.assert_array_equal(found[sample.key], sample.frames())


def _drain(epoch: Epoch) -> None:
    for _ in epoch():
        pass


def _bare(index: CorpusIndex) -> None:
    """All stored frames as arrays, read and decoded as directly as Pillow can."""
    for number in range(len(index)):
        webp = index.read(number)[0]
        assert isinstance(webp, bytes), "bare decoding is of animations"
        with Image.open(io.BytesIO(webp)) as image:
            for frame in range(image.n_frames):
                image.seek(frame)
                np.asarray(image.convert("RGB"))


def formats(corpus: Path) -> None:
    """Print what the frames of some samples take in each format: bytes, encoding and decoding."""
    processes = [sample.frames() for sample in Corpus(corpus)[:_STORED]]
    print(f"\na sample of {processes[0].shape[0]} frames of {processes[0].shape[1]} px in each format")
    for name in get_args(FrameFormat):
        encoded = [
            min((cpu_seconds(partial(encode_members, frames, name)) for _ in range(3)), key=_first)
            for frames in processes
        ]
        decoded = [
            min(_decoded(stored_frames(members), frames) for _ in range(3))
            for (_, members), frames in zip(encoded, processes, strict=True)
        ]
        size = statistics.mean(sum(map(len, members.values())) for _, members in encoded)
        encoding = statistics.mean(seconds for seconds, _ in encoded)
        print(f"{name:14} {size / 1e3:6.0f} kB, encoding {encoding * 1e3:5.1f} ms, ", end="")
        print(f"decoding {statistics.mean(decoded) * 1e3:5.1f} ms")


def _first(pair: tuple[float, Any]) -> float:
    return pair[0]


def _decoded(stored: list[bytes], frames: NDArray[np.uint8]) -> float:
    seconds, found = cpu_seconds(partial(decode_frames, stored, len(frames)))
    np.testing.assert_array_equal(found, frames)
    return seconds


def main(corpus: str) -> None:
    """Measure and print; Energon's preparation stays out of the corpus itself."""
    torch.set_num_threads(1)
    print(f"{machine()}, one thread")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "corpus"
        copy.mkdir()
        for path in Path(corpus).glob("[0-9]*"):
            (copy / path.name).symlink_to(path.resolve())
        loading(copy)
    formats(Path(corpus))


if __name__ == "__main__":
    main(*sys.argv[1:])
