"""Filling a cache: every frame through the autoencoder and every caption through the text encoder, once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import torch
from accelerate import Accelerator
from safetensors.torch import save
from torch import Tensor

from underpaint.datagen.format.atomic import write_file
from underpaint.datagen.format.frames import Stored
from underpaint.datagen.format.index import CorpusIndex, read_index
from underpaint.models.base import Base, size_step
from underpaint.models.captions import tokens_of
from underpaint.models.finite import check_finite
from underpaint.models.latents import encode
from underpaint.training.augment import to_float
from underpaint.training.buckets import Shape, nearest_shape, shapes_of
from underpaint.training.cache import MIRRORED, Cache, cache_of, name_of
from underpaint.training.data_config import DataConfig
from underpaint.training.frames import decode_frames
from underpaint.training.sample import captions_of
from underpaint.training.stopping import Stopping
from underpaint.training.stored import canvas_and_frames

# Frames, and captions, that go through a network together: as many frames as a training step has, or fewer.
_AT_ONCE = 16
_LINE_SECONDS = 30.0

_log = logging.getLogger(__name__)


def fill(folder: Path, config: DataConfig, base: Base, accelerator: Accelerator, stopping: Stopping) -> Cache | None:
    """Make the side shards of all shards of a config's corpora, except those that are there already.

    Samples that are held out are in them too, and those that are damaged are not: whether that is a reason to stop is
    seen when they are read. Computed in float32, whatever precision is trained in. Each process makes its share.

    Args:
        folder: of the cache, which all processes see.
        config: corpora, media, size, mirroring and trigger.
        base: autoencoder, tokenizer and text encoder; the networks are moved to the device.
        accelerator: device and processes.
        stopping: asked after each shard; what is finished then needn't be made again.

    Returns:
        The filled cache; None if it isn't, because somebody wants the run to stop.

    Raises:
        ValueError: a damaged corpus; says which and what to do.
        OSError: a file can't be read or written.
    """
    corpora = [read_index(Path(name), lambda _, renderer: _is_wanted(renderer, config))[0] for name in config.corpus]
    cache = cache_of(folder, config, base, corpora)
    for network in (base.vae, base.text_encoder):
        network.to(accelerator.device)
    for path in (cache.latents, cache.text):
        path.mkdir(parents=True, exist_ok=True)
    shards = [(corpus, tar) for corpus in corpora for tar in range(len(corpus.tars))]
    mine = shards[accelerator.process_index :: accelerator.num_processes]
    missing = [(corpus, tar) for corpus, tar in mine if not _is_there(cache, corpus.tars[tar])]
    for corpus, tar in _reported(missing, folder, show=accelerator.is_main_process):
        if stopping.signal is not None:
            break
        _fill_shard(cache, corpus, tar, config, base, accelerator.device)
    # All processes wait for each other here.
    accelerator.wait_for_everyone()
    return None if stopping.wanted(accelerator) else cache


def _is_wanted(renderer: str, config: DataConfig) -> bool:
    return not config.renderer or renderer in config.renderer


def _is_there(cache: Cache, tar: Path) -> bool:
    return cache.latents_of(tar).is_file() and cache.text_of(tar).is_file()


def _reported(shards: list[tuple[CorpusIndex, int]], folder: Path, *, show: bool) -> Iterator[tuple[CorpusIndex, int]]:
    """Yield the same shards, and log how many are done."""
    began = logged = time.monotonic()
    for done, shard in enumerate(shards):
        now = time.monotonic()
        if show and (done == 0 or now - logged >= _LINE_SECONDS):
            logged = now
            left = f", {(now - began) / done * (len(shards) - done):.0f} s left" if done else ""
            _log.info("  cache %s: %d/%d shards%s", folder, done, len(shards), left)
        yield shard


def _fill_shard(
    cache: Cache, corpus: CorpusIndex, shard: int, config: DataConfig, base: Base, device: torch.device
) -> None:
    tar = corpus.tars[shard]
    numbers = corpus.samples_of(shard)
    if not cache.text_of(tar).is_file():
        _write(cache.text_of(tar), _text(corpus, numbers, config, base, device))
    if not cache.latents_of(tar).is_file():
        _write(cache.latents_of(tar), _latents(corpus, numbers, config, base, device))


def _write(path: Path, tensors: dict[str, Tensor]) -> None:
    check_finite(tensors, f"{path} is not written")
    write_file(path, save(tensors))


def _text(
    corpus: CorpusIndex, numbers: Iterable[int], config: DataConfig, base: Base, device: torch.device
) -> dict[str, Tensor]:
    """Records and text states of some samples."""
    tensors: dict[str, Tensor] = {}
    found = {""}
    for number in numbers:
        record = corpus.read(number)[1]
        try:
            found |= captions_of(record, config)
        except ValueError:
            continue
        tensors[corpus.key(number)] = torch.frombuffer(bytearray(record), dtype=torch.uint8)
    captions = sorted(found)
    for start in range(0, len(captions), _AT_ONCE):
        part = captions[start : start + _AT_ONCE]
        with torch.no_grad():
            states = base.text_encoder(tokens_of(base.tokenizer, part).to(device))[0].half().cpu()
        # Each of its own, since safetensors refuses views.
        tensors |= {name_of(caption): state.clone() for caption, state in zip(part, states, strict=True)}
    return tensors


def _latents(
    corpus: CorpusIndex, numbers: Iterable[int], config: DataConfig, base: Base, device: torch.device
) -> dict[str, Tensor]:
    """Latents of some samples, and mirrored if pictures are to be mirrored."""
    tensors: dict[str, Tensor] = {}
    shapes = shapes_of(config, size_step(base.vae, base.unet))
    for number in numbers:
        stored, record = corpus.read(number)
        frames = _frames(stored, record, shapes)
        if frames is None:
            continue
        pixels = to_float(frames.to(device).permute(0, 3, 1, 2))
        tensors[corpus.key(number)] = _encode(base, pixels)
        if config.augment.flip:
            tensors[corpus.key(number) + MIRRORED] = _encode(base, pixels.flip(-1))
    # Not before: a GPU encodes one sample while the next is decoded.
    return {name: value.cpu() for name, value in tensors.items()}


def _frames(data: Stored, record: bytes, shapes: Sequence[Shape]) -> Tensor | None:
    """All frames of a sample, uint8 (stored, H, W, 3), in the nearest of the shapes; None if it is damaged."""
    try:
        canvas, stored = canvas_and_frames(record)
        shape = nearest_shape(canvas, shapes)
        frames = torch.empty((stored, *shape, 3), dtype=torch.uint8)
        decode_frames(data, stored, range(stored), frames.numpy(), least=shape)
    except ValueError:
        return None
    return frames


def _encode(base: Base, pixels: Tensor) -> Tensor:
    """Frames (N, 3, H, W), -1..1, to latents, float16 (N, 4, h, w)."""
    return torch.cat([encode(base.vae, part).half() for part in torch.split(pixels, _AT_ONCE)])
