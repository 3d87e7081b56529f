"""Samples as other people's loaders give them, decoded: what stands between a corpus and any training loop."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from underpaint.datagen.format.frames import decode_chosen, decode_frames, frame_members
from underpaint.texts import parse_json

# What a damaged member raises; the last ones are numpy's, of a damaged npz.
_DAMAGE = (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, kw_only=True)
class ProcessDecoder:
    """A function from the members of a sample, as WebDataset readers group them, to arrays and texts.

    Use it where a loader would decode by itself: the image decoders of webdataset, Hugging Face datasets and Energon
    take an animation's first frame, which is the blank sheet, and say nothing. It needs NumPy and Pillow only, and PyAV
    for frames in mp4.

        webdataset.WebDataset("corpus/{000000..000011}.tar").map(ProcessDecoder(frames=16))

    Args:
        frames: How many frames to take, evenly from the first to the last; 1 is the finished picture, None takes all.
        program: Whether the strokes come along, which are as many as each painting has.
        record: Whether all of KEY.json comes along.
    """

    frames: int | None = None
    program: bool = False  # no two paintings have arrays of one shape, so batches of them need a collate function
    record: bool = False

    def __post_init__(self) -> None:
        if self.frames is not None and self.frames < 1:
            raise ValueError(f"frames is {self.frames}: at least 1, or None for all")

    def __call__(self, sample: Mapping[str, Any]) -> dict[str, Any]:
        """Decode one sample.

        Args:
            sample: `__key__`, and extension -> content as bytes; of `json` and `strokes.npz` also what Hugging Face
                datasets make of them.

        Returns:
            key, caption (empty if it has none), source, renderer: texts.
            frames: uint8 (F, H, W, 3), RGB, equal to the corpus' to the byte.
            indices: int64 (F,), which of the stored frames they are, 0 the blank.
            strokes: int64 (F,), how many strokes are on each canvas; 0 of recordings.
            program: with `program`, name -> array of KEY.strokes.npz; empty for recordings.
            record: with `record`, KEY.json.

        Raises:
            ValueError: damaged, without a member, with fewer frames than are asked for, or decoded already by the
                loader.
        """
        key = str(sample["__key__"])
        try:
            return self._decoded(key, sample)
        except _DAMAGE as error:
            said = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise ValueError(f"sample {key} can't be decoded: {said}") from error

    def _decoded(self, key: str, sample: Mapping[str, Any]) -> dict[str, Any]:
        record = sample["json"]
        record = record if isinstance(record, Mapping) else parse_json(record)
        stored, steps = [_content(sample, name) for name in frame_members(list(sample))], record["frames"]
        indices = self._indices(len(steps))
        found = {
            "key": key,
            "caption": record["caption"] or "",
            "source": record["source"],
            "renderer": record["renderer"],
            "frames": _frames(stored, len(steps), indices, tuple(record["canvas"])),
            "indices": np.array(indices, np.int64),
            "strokes": np.array([steps[index].get("strokes", 0) for index in indices], np.int64),
        }
        if self.program:
            found["program"] = _program(sample)
        return found | ({"record": dict(record)} if self.record else {})

    def _indices(self, stored: int) -> list[int]:
        wanted = stored if self.frames is None else self.frames
        if wanted > stored:
            raise ValueError(f"it stores {stored} frames, {wanted} are asked for")
        first = 0 if wanted > 1 else stored - 1
        return [int(index) for index in np.linspace(first, stored - 1, wanted).round()]


def _content(sample: Mapping[str, Any], name: str) -> bytes:
    """Return the content of a member: bytes, or those in what Hugging Face's `Image(decode=False)` gives."""
    value = sample[name]
    value = value["bytes"] if isinstance(value, Mapping) else value
    if not isinstance(value, bytes):
        raise TypeError(
            f"{name} is a {type(value).__name__}, decoded by the loader, which takes one frame: give the decoder bytes"
        )
    return value


def _frames(stored: list[bytes], count: int, indices: list[int], canvas: tuple[int, ...]) -> np.ndarray[Any, Any]:
    if len(indices) == count:
        return decode_frames(stored, count, canvas)
    frames = np.empty((len(indices), *canvas, 3), np.uint8)
    decode_chosen(stored, count, indices, frames, _rgb)
    return frames


def _rgb(image: Image.Image) -> np.ndarray[Any, Any]:
    return np.asarray(image.convert("RGB"))


def _program(sample: Mapping[str, Any]) -> dict[str, Any]:
    data = sample.get("strokes.npz", {})
    if isinstance(data, Mapping):
        return {name: np.asarray(array) for name, array in data.items()}
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)
