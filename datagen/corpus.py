"""Reading a corpus by its sidecars: any member of any sample, straight from its place in the tar."""

from __future__ import annotations

import html
import io
import operator
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from underpaint import renderers
from underpaint.datagen.format.frames import decode_frames, frame_members
from underpaint.datagen.format.sidecar import SampleEntry
from underpaint.datagen.storage.sidecars import existing_sidecars, read_sidecars
from underpaint.datagen.storage.store import Store, as_store
from underpaint.extras import needing
from underpaint.renderers.film.frames import ReplayedFrames, counts_between
from underpaint.renderers.film.small import few, film_html
from underpaint.texts import parse_json

if TYPE_CHECKING:
    import pandas

_SHOWN = 6  # samples in a notebook
_SAID = ("key", "source", "renderer", "strokes", "psnr", "seed", "bytes")  # of every sample by its sidecar


class Corpus:
    """A corpus at a path or URL: a sequence of its samples, each found by its key too, none unpacked.

    `len(corpus)`, `corpus[3]`, `corpus[-1]`, `corpus[:10]` and `for sample in corpus` do what they do with a list.

    Raises:
        FileNotFoundError: not a folder, or one without shards.
        ValueError: a damaged sidecar.
    """

    def __init__(self, location: Store | Path | str) -> None:
        self.store = as_store(location)
        if self.store.local is not None and not self.store.local.is_dir():
            raise FileNotFoundError(f"{self.store} is not a folder")
        self.sidecars = tuple(read_sidecars(self.store, existing_sidecars(self.store)))

    def __len__(self) -> int:
        return self._starts[-1]

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """Number of the first sample of each shard, and of all samples at the end."""
        return tuple(accumulate((len(sidecar.samples) for sidecar in self.sidecars), initial=0))

    @overload
    def __getitem__(self, index: int) -> CorpusSample: ...

    @overload
    def __getitem__(self, index: slice) -> list[CorpusSample]: ...

    def __getitem__(self, index: int | slice) -> CorpusSample | list[CorpusSample]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = operator.index(index)
        number += len(self) if number < 0 else 0
        if not 0 <= number < len(self):
            raise IndexError(f"sample {index} of a corpus of {len(self)}")
        shard = bisect_right(self._starts, number) - 1  # the last that starts here, as those before it are empty
        sidecar = self.sidecars[shard]
        return CorpusSample(self.store, sidecar.shard, sidecar.samples[number - self._starts[shard]])

    def __iter__(self) -> Iterator[CorpusSample]:
        for sidecar in self.sidecars:
            for entry in sidecar.samples:
                yield CorpusSample(self.store, sidecar.shard, entry)

    @cached_property
    def _by_key(self) -> dict[str, CorpusSample]:
        return {sample.entry.key: sample for sample in self}

    def keys(self) -> tuple[str, ...]:
        """Return all keys in the order of the corpus."""
        return tuple(self._by_key)

    def find(self, key: str) -> CorpusSample:
        """Return the sample of a key, or of the only key that starts with, or contains, the given text.

        Raises:
            ValueError: no such key, or several.
        """
        if key in self._by_key:
            return self._by_key[key]
        starts = [other for other in self._by_key if other.startswith(key)]
        contains = [other for other in self._by_key if key in other]
        for matches in (starts, contains):
            if len(matches) == 1:
                return self._by_key[matches[0]]
            if matches:
                shown = ", ".join(matches[:5]) + (", …" if len(matches) > 5 else "")
                raise ValueError(f"{key!r} is the key of no sample, and fits {len(matches)}: {shown}")
        raise ValueError(f"no sample has the key {key!r}; `inspect` lists them")

    def rows(self, *, details: bool = False) -> Iterator[dict[str, Any]]:
        """Yield every sample as a dict, in order.

        Args:
            details: also all of KEY.json, such as `caption`, `frames` and `about`, which is read from the tars; without
                it there is what the sidecars say: `key`, `source`, `renderer`, `strokes`, `psnr`, `seed`, `bytes` and
                `shard`.
        """
        for sample in self:
            row = {name: getattr(sample.entry, name) for name in _SAID}
            yield {**row, "shard": sample.shard, **(sample.record() if details else {})}

    def _repr_html_(self) -> str:
        """Return the corpus as notebooks show it: how large it is, and its first samples as small films."""
        films = "".join(sample._repr_html_() for sample in self[:_SHOWN])
        return f"<p>{html.escape(str(self.store))}: {len(self):,} samples</p>{films}"

    def to_pandas(self, *, details: bool = False) -> pandas.DataFrame:
        """Return the `rows` as a table of pandas.

        Raises:
            MissingExtra: pandas isn't installed; `rows` gives the same as dicts.
        """
        with needing("to_pandas", "pandas"):
            import pandas
        return pandas.DataFrame(list(self.rows(details=details)))


@dataclass(frozen=True)
class CorpusSample:
    """One sample in the tar of its shard."""

    store: Store
    shard: str
    entry: SampleEntry

    @property
    def key(self) -> str:
        """Key of the sample, unique in its corpus."""
        return self.entry.key

    @property
    def source(self) -> str:
        """Name of the picture that was painted."""
        return self.entry.source

    @property
    def renderer(self) -> str:
        """Medium that it was painted in, or `recorded`."""
        return self.entry.renderer

    @property
    def strokes(self) -> int:
        """Number of strokes of the finished painting."""
        return self.entry.strokes

    @property
    def psnr(self) -> float | None:
        """PSNR of the finished painting in dB; None where it is infinite or not known."""
        return self.entry.psnr

    @property
    def seed(self) -> int:
        """Seed of this sample."""
        return self.entry.seed

    @property
    def caption(self) -> str | None:
        """Caption, which is read from the tar; raises as `record`."""
        caption = self.record()["caption"]
        return None if caption is None else str(caption)

    @property
    def tar(self) -> str:
        """Path or URL of its tar."""
        return self.store.url(f"{self.shard}.tar")

    def member(self, extension: str) -> bytes:
        """Read a member: `webp` (or `0000.png`, …, or `mp4`), `json`, `strokes.npz`, or `target.webp` if it was stored.

        Raises:
            ValueError: the sample has no such member, or the tar is shorter than its sidecar says.
        """
        if extension not in self.entry.members:
            raise ValueError(f"{self.entry.key} has no {extension}, only {', '.join(self.entry.members)}")
        offset, size = self.entry.members[extension]
        data = self.store.read_range(f"{self.shard}.tar", offset, size)
        if len(data) != size:
            raise ValueError(f"{self.tar} ends within {self.entry.key}.{extension}")
        return data

    def record(self) -> dict[str, Any]:
        """Read KEY.json.

        Raises:
            ValueError: it isn't what a sample has; or as `member`.
        """
        try:
            record = parse_json(self.member("json"))
            if not isinstance(record["frames"], list) or not record["frames"]:
                raise TypeError("no frames")
        except (ValueError, TypeError, KeyError) as error:
            raise ValueError(f"{self.tar}: the JSON of {self.entry.key} is damaged ({error}): run verify") from None
        return dict(record)

    def stored_frames(self) -> list[bytes]:
        """Read the members that hold the frames, for `datagen.format.frames.decode_frames`.

        Raises:
            ValueError: as `member`, or there are none.
        """
        try:
            names = frame_members(self.entry.members)
        except ValueError as error:
            raise ValueError(f"{self.tar}: of {self.entry.key}: {error}: run verify") from None
        return [self.member(name) for name in names]

    def frames(self) -> NDArray[np.uint8]:
        """Decode the painting process, uint8 (n, H, W, 3).

        Raises:
            ValueError: damaged frames; or as `record`.
        """
        stored, count = self.stored_frames(), len(self.record()["frames"])
        try:
            return decode_frames(stored, count)
        except MemoryError:
            raise
        except Exception as error:  # damaged bytes can raise anything
            raise ValueError(f"{self.tar}: the frames of {self.entry.key} are damaged ({error}): run verify") from None

    def program(self) -> renderers.Program:
        """Read the program: all strokes.

        Raises:
            ValueError: damaged strokes; or as `member`.
        """
        data = self.member("strokes.npz")
        try:
            return renderers.Program.load(io.BytesIO(data))
        except MemoryError:
            raise
        except Exception as error:  # as above
            raise ValueError(f"{self.tar}: the strokes of {self.entry.key} are damaged ({error}): run verify") from None

    def process(self, size: int | tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """Paint the process again from its strokes, at any size, uint8 (n, H, W, 3).

        Args:
            size: (height, width) of the canvas, of its own proportions; an int is the short side; None is the size it
                was made at, which gives `frames()` to the byte.

        Raises:
            ValueError: a size of other proportions, or a recorded sample, which has no strokes.
        """
        return self.replayed(size=size).stacked()

    def replayed(self, frames: int | None = None, size: int | tuple[int, int] | None = None) -> ReplayedFrames:
        """Return the process as it is painted again from its strokes, one frame at a time, none of which is kept.

        Args:
            frames: how many, at the pace of its own frames; None is its own.
            size: as in `process`.

        Raises:
            ValueError: fewer than two frames; or as `process`.
        """
        if "strokes.npz" not in self.entry.members:
            raise ValueError(f"{self.entry.key} was recorded, and has no strokes to paint again: use frames()")
        program, counts = self.program(), [int(frame["strokes"]) for frame in self.record()["frames"]]
        program.canvas_size(size)
        if frames is not None:
            renderers.check_frames(frames)
            counts = counts_between(counts, frames)
        return ReplayedFrames(program, counts, size)

    def _repr_html_(self) -> str:
        """Return the process as notebooks show it: a small film."""
        return film_html(few(self.frames()), self.entry.key)
