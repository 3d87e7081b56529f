"""Replaying a region program: finished regions, the one that is being filled, and blank canvas."""

from __future__ import annotations

import io
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.renderers.medium import Painter, UInt8
from underpaint.renderers.program import ProgramData
from underpaint.renderers.region.flats import plane_colours, turn_of_pixels
from underpaint.renderers.region.wipe import uncover
from underpaint.renderers.registry import get_medium
from underpaint.renderers.strokes.kernels import HALF
from underpaint.renderers.strokes.painter import StrokePainter
from underpaint.renderers.strokes.tiles import TILE, TILE_PIXELS, Float32, from_tiles

REVEAL = "reveal"
# The phases of the medium that fills, and its arrays, are kept among the region program's, named by this and their own.
FILL_PREFIX = "fill."
# WebP's own limit, px.
MAX_REVEALED_SIDE = 16383


def encode_picture(picture: UInt8) -> npt.NDArray[np.uint8]:
    """Return the bytes of a lossless WebP of a picture, uint8 (H, W, 3) -> uint8 (n,).

    Raises:
        ValueError: a side is longer than WebP allows.
    """
    if max(picture.shape[:2]) > MAX_REVEALED_SIDE:
        raise ValueError(
            f"fill={REVEAL!r} keeps the picture as WebP, with sides up to {MAX_REVEALED_SIDE} px, "
            f"not {picture.shape[:2]}: make it smaller, or fill with a stroke medium"
        )
    buffer = io.BytesIO()
    # The fastest of its methods: 8 times as fast as the next and half as large again.
    Image.fromarray(picture).save(buffer, "WEBP", lossless=True, method=0, quality=20)
    return np.frombuffer(buffer.getvalue(), np.uint8)


def decode_picture(data: npt.NDArray[np.uint8]) -> UInt8:
    """Return the picture, uint8 (H, W, 3), that `encode_picture` made these bytes of.

    Raises:
        ValueError: not a WebP.
    """
    try:
        with Image.open(io.BytesIO(data.tobytes()), formats=["WEBP"]) as image:
            return np.array(image.convert("RGB"))
    except (OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"its picture can't be decoded: {error}") from error


def fill_program(program: ProgramData, start: int, stop: int) -> ProgramData:
    """Return marks `start` to `stop` of a region program as a program of the medium that fills."""
    arrays = {
        name.removeprefix(FILL_PREFIX): array for name, array in program.arrays.items() if name.startswith(FILL_PREFIX)
    }
    phases, phase = arrays.pop("phases"), arrays.pop("phase")
    return ProgramData(
        medium=str(program.arrays["fill"]),
        size=program.size,
        ground=program.ground,
        strokes=program.strokes[start:stop],
        columns=program.columns,
        phases=tuple(phases.tolist()),
        phase=phase[start:stop],
        arrays=arrays,
    )


def _in_colour(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return a mask for each channel, bool (h, w) -> (h, w, 3): numpy is slow where it has to repeat the last axis."""
    return mask[:, :, None].repeat(3, axis=2)


class Area(NamedTuple):
    """Where a part of a region program may paint: `mask`, bool (h, w, 3), in a `box` of the canvas that tiles begin."""

    box: tuple[slice, slice]
    mask: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, mask: npt.NDArray[np.bool_]) -> Area:
        """Return the area of a mask of the canvas, bool (H, W)."""
        lines = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
        rows, columns = (slice(int(at[0]) // TILE * TILE, int(at[-1]) + 1) if len(at) else slice(0, 0) for at in lines)
        return cls((rows, columns), _in_colour(mask[rows, columns]))

    @property
    def tiles(self) -> tuple[slice, slice]:
        """The rows and columns of tiles that the box touches."""
        rows, columns = (slice(side.start // TILE, -(-side.stop // TILE)) for side in self.box)
        return rows, columns


class RevealPainter(StrokePainter):
    """The box of an area, in which wipes uncover a picture; with the last one all of it is bare, or what is `bare`."""

    def __init__(
        self,
        wipes: Float32,
        size: tuple[int, int],
        area: Area,
        blank: UInt8,
        picture: UInt8,
        bare: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        """`size` is (H, W) of the canvas; `blank` and `picture`, uint8, and `bare`, bool, are of the area's box."""
        super().__init__(wipes, *size)
        self._area, self._blank, self._picture, self._bare = area, blank, picture, bare
        self._cover = np.zeros((len(self._grid.y_TP), len(self._grid.x_TP), TILE_PIXELS), np.float32)

    def _lay(self, strokes: Float32) -> None:
        uncover(self._cover, self._grid.x_TP, self._grid.y_TP, strokes)

    def pixels(self) -> UInt8:
        """Return the picture as far as it is bare, uint8 (h, w, 3)."""
        done = self._painted == len(self._strokes)
        if done and self._bare is None:
            return self._picture
        cover = from_tiles(self._cover[self._area.tiles][:, :, None], *self._picture.shape[:2]).repeat(3, axis=2)
        blank = self._blank.astype(np.float32)
        mixed = blank + cover * (self._picture.astype(np.float32) - blank)
        canvas: UInt8 = np.asarray(mixed + np.float32(0.5), np.uint8)
        if done and self._bare is not None:
            np.copyto(canvas, self._picture, where=_in_colour(self._bare))
        return canvas


class RegionPainter(Painter):
    """A canvas that is filled one region at a time, after flats if there are any. A filled region never changes."""

    def __init__(self, program: ProgramData, height: int, width: int) -> None:
        self._program, self._size = program, (height, width)
        self._labels = _resized(program.arrays["labels"], height, width, Image.Resampling.NEAREST)
        self._steps = steps_of(program)
        self._ends = np.array([step.end for step in self._steps])
        self._turns = turn_of_pixels(self._labels, program.arrays.get("flat_regions", np.arange(len(self._ends))))
        self._painted = 0
        self._picture: UInt8 | None = None
        if str(program.arrays["fill"]) == REVEAL:
            self._picture = _resized(decode_picture(program.arrays["picture"]), height, width, Image.Resampling.LANCZOS)
            ground = np.round(program.ground * np.float32(255)).astype(np.uint8)
            blank = np.broadcast_to(ground, (height, width, 3))
        else:
            fill = fill_program(program, 0, 0)
            blank = get_medium(fill.medium).painter(fill, height, width).pixels()
        self._finished: UInt8 = blank.copy()
        self._filling: tuple[Area, Painter] | None = None

    def paint_until(self, count: int) -> None:
        """Paint on until the first `count` marks are on the canvas."""
        assert self._painted <= count <= len(self._program)
        while self._painted < count:
            step, start, stop = self._step()
            if self._filling is None:
                area = self._area(step)
                self._filling = area, self._step_painter(step, area, start, stop)
            self._painted = min(count, stop)
            self._filling[1].paint_until(self._painted - start)
            if self._painted == stop:
                self._fill(self._finished)
                self._filling = None

    def pixels(self) -> UInt8:
        """Return the canvas, uint8 (H, W, 3)."""
        canvas: UInt8 = self._finished.copy()
        self._fill(canvas)
        return canvas

    def _looks(self, count: int) -> list[int]:
        """See `Painter.changes`; the wipes of a flat or of a region share what all of them change."""
        if self._picture is None:
            return super()._looks(count)
        return sorted({0, *(end for end in self._ends.tolist() if end < count), count})

    def _step(self) -> tuple[RegionStep, int, int]:
        """Return what the next mark belongs to, its first mark, and the one after its last."""
        step = int(np.searchsorted(self._ends, self._painted, side="right"))
        return self._steps[step], int(self._ends[step - 1]) if step else 0, int(self._ends[step])

    def _area(self, step: RegionStep) -> Area:
        """Return where a step may paint: a flat also under those that come later."""
        return Area.of(self._turns >= step.number if step.flat else self._labels == step.number)

    def _fill(self, canvas: UInt8) -> None:
        """Put what is being filled on the canvas, as far as it has come."""
        if self._filling is None:
            return
        area, painter = self._filling
        filled = painter.pixels() if isinstance(painter, RevealPainter) else painter.pixels()[area.box]
        np.copyto(canvas[area.box], filled, where=area.mask)

    def _step_painter(self, step: RegionStep, area: Area, start: int, stop: int) -> Painter:
        height, width = self._size
        if self._picture is None:
            fill = fill_program(self._program, start, stop)
            return get_medium(fill.medium).painter(fill, height, width)
        wipes, blank = self._program.strokes_on(height, width)[start:stop], self._finished[area.box].copy()
        if not step.flat:
            return RevealPainter(wipes, self._size, area, blank, self._picture[area.box])
        rows, columns = (np.arange(side.start, side.stop, dtype=np.float32) + HALF for side in area.box)
        colours = plane_colours(self._program.arrays["flat_planes"][step.number], columns, rows[:, None], self._size)
        flat = np.round(colours * np.float32(255)).astype(np.uint8)
        return RevealPainter(wipes, self._size, area, blank, flat, self._turns[area.box] == step.number)


class RegionStep(NamedTuple):
    """A part of a region program: the flat of that number, or the region of that number; after `end` marks it is done.

    Flats are numbered in the order in which they are laid.
    """

    end: int
    flat: bool
    number: int


def steps_of(program: ProgramData) -> list[RegionStep]:
    """Return the flats and regions of a program in the order in which they are painted."""
    flats = program.arrays.get("flat_ends", np.zeros(0, np.int32))
    steps = [RegionStep(end, True, number) for number, end in enumerate(flats.tolist())]
    steps += [RegionStep(end, False, number) for number, end in enumerate(program.arrays["ends"].tolist())]
    # A region without marks stays behind the one before it.
    return sorted(steps, key=lambda step: step.end)


def _resized(array: npt.NDArray[np.uint8], height: int, width: int, how: Image.Resampling) -> npt.NDArray[np.uint8]:
    if array.shape[:2] == (height, width):
        return array
    resized: npt.NDArray[np.uint8] = np.asarray(Image.fromarray(array).resize((width, height), how))
    return resized
