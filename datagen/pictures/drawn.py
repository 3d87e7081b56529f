"""A picture of the small world as a place: its file is drawn whenever it is read, and so are the maps beside it."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from underpaint.datagen.scenes.drawing import DrawnScene, draw
from underpaint.datagen.scenes.scene import ScenePlan, scene_of

# Drawn in 30 ms; larger ones only for larger canvases.
SIDE = 256
MOST = 1024
# What a map says of who made it: it isn't guessed.
MAP_ORIGIN = "drawn with the picture"


@dataclass(frozen=True)
class Drawn:
    """Where a scene lies: nowhere, as it is drawn anew; small, so that it travels well.

    Attributes:
        number, seed, held_out: which scene, see `scene_of`.
        side: of the picture, in px.
        shows: the picture, or one of its maps.
    """

    number: int
    seed: int = 0
    held_out: bool = False
    side: int = SIDE
    shows: Literal["picture", "depth", "saliency"] = "picture"

    @property
    def scene(self) -> ScenePlan:
        """The scene."""
        return scene_of(self.number, self.seed, held_out=self.held_out)

    @property
    def name(self) -> str:
        """What the picture is called in a corpus, such as `scenes-0/12-red-house.png`."""
        thing = self.scene.things[0]
        return f"scenes{'-held-out' * self.held_out}-{self.seed}/{self.number}-{thing.colour}-{thing.kind}.png"

    def large_enough(self, side: int) -> Drawn:
        """Return it as large as a canvas needs it."""
        return replace(self, side=min(max(side, self.side), MOST))

    def absolute(self) -> Drawn:
        """Return it as it is; named as in `Path`."""
        return self

    def is_dir(self) -> bool:
        """Return False; named as in `Path`."""
        return False

    def guide(self, name: str) -> Drawn | None:
        """Return where the guide `name` lies."""
        return replace(self, shows=name) if name in ("depth", "saliency") else None  # type: ignore[arg-type]

    def read(self) -> bytes:
        """Draw it: a BMP of the picture, or a PNG of the map, with 16 bits of depth and 8 of saliency."""
        drawing, file, info = _drawing(self.number, self.seed, self.held_out, self.side), io.BytesIO(), PngInfo()
        if self.shows == "picture":
            Image.fromarray(drawing.pixels).save(file, format="BMP")  # nothing to compress, nothing to unpack
            return file.getvalue()
        info.add_text("Model", MAP_ORIGIN)
        values, white, kind = (
            (drawing.depth, 65535, np.uint16) if self.shows == "depth" else (drawing.saliency, 255, np.uint8)
        )
        grey = (values.astype(np.float64) * white + 0.5).astype(kind)
        Image.fromarray(grey).save(file, format="PNG", pnginfo=info, compress_level=1)
        return file.getvalue()


@lru_cache(maxsize=2)
def _drawing(number: int, seed: int, held_out: bool, side: int) -> DrawnScene:
    """Draw a scene once for its picture and its maps."""
    return draw(scene_of(number, seed, held_out=held_out), side)
