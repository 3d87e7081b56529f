"""Latents and text states in side shards, and the corpora as these have them.

CACHE/latents-SIZE-ID/NNNNNN-HASH.safetensors
    KEY             float16 (stored, 4, h, w), all frames of a sample, in the shape of its bucket
    KEY.mirrored    the same of the mirrored frames, where some are to be mirrored
CACHE/text-ID/NNNNNN-HASH.safetensors
    KEY             uint8 (bytes,), the sample's KEY.json
    HASH.caption    float16 (L, D), the states of a caption, by its hash; of the empty one too

One of each for every shard of a corpus. ID stands for the network that made them and for the settings that they depend
on, HASH is the beginning of the shard's SHA-256: what is there under its name is never out of date. A damaged sample is
in neither. `underpaint.training.cache_filling` writes them.

Float16 halves them, and changes a training loss by a hundred-thousandth. bfloat16, which is an eighth as fine, would be
no smaller.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from underpaint.datagen.format.index import CorpusIndex
from underpaint.models.base import Base, size_step
from underpaint.models.finite import check_finite
from underpaint.models.weights import digests
from underpaint.training.augment import DRAWS
from underpaint.training.batch import Loaded, empty_frames
from underpaint.training.buckets import shapes_of
from underpaint.training.data_config import DataConfig
from underpaint.training.dataset import Paintings
from underpaint.training.sample import BadSample, TrainingSample, describe_sample

MIRRORED = ".mirrored"  # keys hold no dots

# To be raised when the same networks and settings are to give other files.
_FORMAT = 1
# What decides how weights are used and can't be told from their names and shapes.
_WIRING = ("scaling_factor", "norm_num_groups", "act_fn", "hidden_act", "num_attention_heads")


@dataclass(frozen=True, kw_only=True)
class Cache:
    """Where the side shards of some corpora are.

    Attributes:
        latents: folder of those with latents.
        text: folder of those with text states.
        names: of the side shards of each tar, in either folder.
    """

    latents: Path
    text: Path
    names: Mapping[Path, str]

    def latents_of(self, tar: Path) -> Path:
        """Side shard with the latents of a shard."""
        return self.latents / self.names[tar]

    def text_of(self, tar: Path) -> Path:
        """Side shard with records and text states of a shard."""
        return self.text / self.names[tar]


def cache_of(folder: Path, config: DataConfig, base: Base, corpora: Sequence[CorpusIndex]) -> Cache:
    """Return where the side shards of some corpora belong, whether they are there or not."""
    media = sorted(config.renderer)
    shapes = shapes_of(config, size_step(base.vae, base.unet))
    # A cache of square frames is what it was before there were buckets.
    latents = _identity(base.vae, [config.augment.flip > 0, media, *([shapes] if len(shapes) > 1 else [])])
    vocabulary = [base.tokenizer.get_vocab(), base.tokenizer.model_max_length]
    wording = [config.trigger, config.name_medium, config.frames > 1, config.half_painted > 0]
    text = _identity(base.text_encoder, [vocabulary, *wording, media])
    return Cache(
        latents=folder / f"latents-{config.size}-{latents}",
        text=folder / f"text-{text}",
        names={
            tar: f"{tar.stem}-{sha256[:16]}.safetensors"
            for corpus in corpora
            for tar, sha256 in zip(corpus.tars, corpus.sha256, strict=True)
        },
    )


def _identity(network: nn.Module, settings: Any) -> str:
    """Sixteen hexadecimal digits that name a network, to the bit, and some settings."""
    wiring = {name: getattr(network.config, name, None) for name in _WIRING}
    content = json.dumps([_FORMAT, digests(network), wiring, settings], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:16]


class CachedPaintings(Paintings):
    """The same samples at the same positions, with latents and text states in the place of frames.

    Args:
        paintings: as they are without a cache.
        cache: filled for them.
    """

    def __init__(self, paintings: Paintings, cache: Cache) -> None:
        super().__init__(
            paintings.corpora,
            order=paintings.order,
            buckets=paintings.buckets,
            config=paintings.config,
            training=paintings.training,
        )
        self.cache = cache

    def __getitem__(self, positions: Sequence[int]) -> Loaded:
        """The samples at some positions; raises what `Paintings` does."""
        latents: list[Tensor] = []
        text: list[Tensor] = []
        load = partial(self._look_up, latents=latents, text=text)
        samples = [self.sound_sample(position, load) for position in positions]
        return torch.stack(latents), samples, torch.stack(text)

    def _look_up(
        self, corpus: CorpusIndex, number: int, position: int, *, latents: list[Tensor], text: list[Tensor]
    ) -> TrainingSample:
        """Load a sample; its latents (F, 4, h, w) and text states (L, D) are appended."""
        key, tar = corpus.key(number), corpus.tar_of(number)
        # Opened anew each time, which takes half a millisecond: kept open, those of a large corpus would pile up. Of
        # the files only what is asked for is read.
        with (
            _opened(self.cache.text_of(tar)) as states,
            _opened(self.cache.latents_of(tar)) as stored,
        ):
            if key not in set(states.keys()) & set(stored.keys()):
                raise self._damaged(corpus, number, position)
            record = bytes(states.get_tensor(key).numpy())
            sample = describe_sample(
                key,
                str(tar),
                record,
                position=position,
                shape=self.buckets.shapes[self.bucket_at(position)],
                config=self.config,
                training=self.training,
            )
            mirrored = self.training and sample.draws[DRAWS.index("flip")] < self.config.augment.flip
            frames = stored.get_tensor(key + MIRRORED if mirrored else key)
            latents.append(frames[list(sample.indices)])
            text.append(states.get_tensor(name_of(sample.caption)))
            # Of a cache that an earlier version filled.
            where = f"{key} in {self.cache.latents_of(tar)} (delete it to have it made again)"
            check_finite({"latents": latents[-1]}, where)
        return sample

    def _damaged(self, corpus: CorpusIndex, number: int, position: int) -> BadSample:
        """What is wrong with a sample: what decoding it says."""
        try:
            room = empty_frames(1, self.config.frames, self.buckets.loaded[self.bucket_at(position)])
            self.decode(corpus, number, position, out=room[0].numpy())
        except BadSample as bad:
            return bad
        tar = corpus.tar_of(number)
        return BadSample(
            f"sample {corpus.key(number)} in {tar} was damaged when the cache was filled: delete "
            f"{self.cache.latents_of(tar)} and {self.cache.text_of(tar)} to have them made again"
        )


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except (OSError, SafetensorError) as error:
        raise ValueError(f"side shard {path} can't be read ({error}): delete it to have it made again") from error


def name_of(caption: str) -> str:
    """Under which a side shard holds the states of a caption."""
    # As ASCII JSON, since a caption may be no valid Unicode.
    return hashlib.sha256(json.dumps(caption).encode()).hexdigest()[:32] + ".caption"
