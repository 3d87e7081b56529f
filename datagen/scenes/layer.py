"""What scenes are drawn on: smooth-edged, shaded shapes over each other, with the share of each pixel they cover."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Points: TypeAlias = Sequence[tuple[float, float]]
Rgb: TypeAlias = tuple[float, float, float]
Field: TypeAlias = NDArray[np.float32]

FINER = 4  # masks are drawn so many times as large and averaged, which makes 17 steps along every edge
BANK = 2  # the bank of noise is so many times as wide as a picture, so that scenes have other parts of it


class Layer:
    """A square picture that shapes are laid on, at first transparent.

    Attributes:
        colour: float32 (side, side, 3), 0..1, multiplied by how much is covered.
        cover: float32 (side, side), how much of each pixel is covered, 0..1.
        grain: float32 (side, side), -1..1, the texture that all shapes of it have.
    """

    def __init__(self, side: int, grain: Field) -> None:
        self.side, self.grain = side, grain
        self.colour: Field = np.zeros((side, side, 3), np.float32)
        self.cover: Field = np.zeros((side, side), np.float32)

    def fill(
        self,
        *shapes: Points,
        colour: Rgb,
        shade: Literal["flat", "round", "side", "fall"] = "flat",
        depth: float = 0.3,
        light: float = -1.0,
        opacity: float = 1.0,
        soft: float = 0.0,
        grain: float = 0.06,
    ) -> None:
        """Lay polygons down together, as one shape.

        Args:
            shapes: polygons in shares of the side, x to the right and y down.
            shade: how light falls over the shape's box: as on a ball, a pillar (`side`), from above (`fall`), or flat.
            depth: how much lighter and darker than its colour it gets.
            light: -1 if light comes from the left, 1 from the right.
            soft: blur of its edge, in shares of the side.
            grain: how much of the layer's texture it has.
        """
        box = self._box([point for shape in shapes for point in shape], 3 * soft)
        if box is None:
            return
        mask = self._mask(box, shapes, soft)
        self._lay(box, mask * np.float32(opacity), colour, _shading(box, shade, depth, light), grain)

    def lines(
        self, lines: Sequence[tuple[float, float, float, float]], width: float, *, colour: Rgb, opacity: float = 1.0
    ) -> None:
        """Draw straight lines (x0, y0, x1, y1) of a width, all in shares of the side, as one shape."""
        box = self._box([point for x0, y0, x1, y1 in lines for point in ((x0, y0), (x1, y1))], width)
        if box is None:
            return
        left, top, right, bottom = box
        sheet = Image.new("L", ((right - left) * FINER, (bottom - top) * FINER))
        draw = ImageDraw.Draw(sheet)
        thick = max(1, round(width * self.side * FINER))
        for line in lines:
            draw.line([self._fine(v, (left, top)[n % 2]) for n, v in enumerate(line)], fill=255, width=thick)
        mask = np.asarray(sheet.reduce(FINER), np.float32) / np.float32(255)
        self._lay(box, mask * np.float32(opacity), colour, None, 0.06)

    def wash(self, colour: Field | Rgb, opacity: Field | float) -> None:
        """Lay a colour over the whole sheet."""
        cover = np.broadcast_to(np.asarray(opacity, np.float32), self.cover.shape)
        self.colour += (np.asarray(colour, np.float32) - self.colour) * cover[..., None]
        self.cover += (1 - self.cover) * cover

    def lay(self, other: Layer, opacity: float = 1.0) -> None:
        """Lay another layer over this one."""
        share = (1 - other.cover * np.float32(opacity))[..., None]
        self.colour = self.colour * share + other.colour * np.float32(opacity)
        self.cover = self.cover * share[..., 0] + other.cover * np.float32(opacity)

    def _fine(self, value: float, start: int) -> int:
        return round((value * self.side - start) * FINER)

    def _box(self, points: Points, margin: float) -> tuple[int, int, int, int] | None:
        """Return (left, top, right, bottom) in pixels of what is to be drawn; None if nothing of it is on the sheet."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        left, top = (max(0, int((min(each) - margin) * self.side) - 1) for each in (xs, ys))
        right, bottom = (min(self.side, int((max(each) + margin) * self.side) + 2) for each in (xs, ys))
        return (left, top, right, bottom) if left < right and top < bottom else None

    def _mask(self, box: tuple[int, int, int, int], shapes: Sequence[Points], soft: float) -> Field:
        left, top, right, bottom = box
        sheet = Image.new("L", ((right - left) * FINER, (bottom - top) * FINER))
        draw = ImageDraw.Draw(sheet)
        for shape in shapes:
            draw.polygon([(self._fine(x, left), self._fine(y, top)) for x, y in shape], fill=255)
        small = sheet.reduce(FINER)
        if soft:
            small = small.filter(ImageFilter.GaussianBlur(soft * self.side))
        mask: Field = np.asarray(small, np.float32) / np.float32(255)
        return mask

    def _lay(
        self, box: tuple[int, int, int, int], mask: Field, colour: Rgb, shading: Field | None, grain: float
    ) -> None:
        left, top, right, bottom = box
        here = np.s_[top:bottom, left:right]
        tone = 1 + np.float32(grain) * self.grain[here]
        if shading is not None:
            tone = tone * shading
        laid = np.clip(tone[..., None] * np.asarray(colour, np.float32), 0, 1)
        self.colour[here] += (laid - self.colour[here]) * mask[..., None]
        self.cover[here] += (1 - self.cover[here]) * mask


def _shading(box: tuple[int, int, int, int], shade: str, depth: float, light: float) -> Field | None:
    """Return what the colour is multiplied by in a box."""
    if shade == "flat":
        return None
    left, top, right, bottom = box
    u = np.linspace(-1, 1, right - left, dtype=np.float32) * np.float32(light)
    v = np.linspace(-1, 1, bottom - top, dtype=np.float32)[:, None]
    if shade == "side":
        return np.broadcast_to(1 + np.float32(depth) * u, (bottom - top, right - left))
    if shade == "fall":
        return np.broadcast_to(1 - np.float32(depth) * v, (bottom - top, right - left))
    # Light from above, from the side and from the front, on a ball that fills the box.
    facing = np.sqrt(np.clip(1 - u * u - v * v, 0, 1))
    lit = np.float32(0.5) * u - np.float32(0.6) * v + np.float32(0.62) * facing
    field: Field = 1 + np.float32(depth) * (np.float32(1.6) * lit - np.float32(0.6))
    return field


@lru_cache(maxsize=2)
def noise(side: int) -> Field:
    """Return the bank of soft noise of a side, float32 (BANK side, BANK side), -1..1; the same for all scenes."""
    draws = np.random.RandomState(1)  # the old generator is the one that numpy promises to keep
    wide = BANK * side
    total = np.zeros((wide, wide), np.float32)
    for cells, share in ((10, 0.3), (24, 0.3), (60, 0.35), (150, 0.4)):
        grid = (draws.random_sample((cells, cells)) * 255).astype(np.uint8)
        fine = Image.fromarray(grid).resize((wide, wide), Image.Resampling.BICUBIC)
        total += np.float32(share) * (np.asarray(fine, np.float32) / np.float32(127.5) - 1)
    return np.clip(total, -1, 1)
