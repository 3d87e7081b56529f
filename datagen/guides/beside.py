"""What lies beside a picture: whose maps and captions they are, and how new ones get there."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.pictures.guides import ORIGIN
from underpaint.datagen.pictures.names import MADE_CAPTION
from underpaint.datagen.pictures.places import Extent
from underpaint.datagen.sources.rows import CAPTION_MODEL
from underpaint.datagen.sources.source import Source
from underpaint.datagen.storage.store import Store
from underpaint.datagen.storage.streams import split
from underpaint.texts import well_formed

# Missing; made by the model that is asked for; by another one; by none, or by nobody knows whom; or made of another
# picture that has the same name but for its ending.
State = Literal["missing", "done", "other", "own", "shared"]
_PICTURE = "Picture"
# The texts of our maps stand before their pixels.
_HEAD = 4096


@dataclass(frozen=True)
class Beside:
    """The place beside a picture: a folder, of this machine or a store, and names in it.

    Raises:
        ValueError: the picture is no file of its own; says what to do.
    """

    source: Source

    def __post_init__(self) -> None:
        path = self.source.path
        if not (isinstance(path, Path) or (isinstance(path, Extent) and path.size is None)):
            what = f"{self.source.stored_name} is part of a larger file, or none"
            raise ValueError(f"{what}: maps lie beside pictures that are files, so unpack it")

    @property
    def _place(self) -> tuple[Store, str]:
        path = self.source.path
        assert isinstance(path, (Path, Extent))
        return split(str(path.absolute()) if isinstance(path, Path) else path.location)

    def name(self, made: str) -> str:
        """Return the name of the file with what is made: `saliency`, `depth` or `captions`."""
        stem = PurePosixPath(self._place[1]).stem
        return f"{stem}{MADE_CAPTION}" if made == "captions" else f"{stem}.{made}.png"

    def state(self, made: str, model: str) -> State:
        """Return what there is of `saliency`, `depth` or `captions`, where `model` is the one that is asked for."""
        return self._caption_state(model) if made == "captions" else self._map_state(made, model)

    def _caption_state(self, model: str) -> State:
        store, _ = self._place
        has_file = store.size(self.name("captions")) is not None
        if self.source.caption is None:
            return "own" if has_file else "missing"  # an empty text lies before it
        maker = dict(self.source.credits).get(CAPTION_MODEL)
        if maker == model:
            return "done"
        # Of a caption in a list, the model may be told as well; it is as people want it.
        return "other" if maker is not None and has_file else "own"

    def _map_state(self, made: str, model: str) -> State:
        store, picture = self._place
        name = self.name(made)
        try:
            head = store.read_range(name, 0, _HEAD)
        except FileNotFoundError:
            return "missing"
        texts = _texts(head)
        if ORIGIN not in texts:
            return "own"
        of = texts.get(_PICTURE, picture)
        is_namesake = of != well_formed(picture) and PurePosixPath(of).stem == PurePosixPath(picture).stem
        if is_namesake and store.size(of) is not None:  # else it has been converted, or renamed with its maps
            return "shared"
        return "done" if texts[ORIGIN] == model else "other"

    def write_map(self, made: str, values: NDArray[np.float32], model: str) -> None:
        """Write a map, float32 (H, W) in 0..1, as a grey PNG that names its model and its picture."""
        store, picture = self._place
        info = PngInfo()
        info.add_text(ORIGIN, model)
        info.add_text(_PICTURE, well_formed(picture))
        # Far things differ little in inverse depth, and 8 bits would make them equal.
        white, kind = (65535, np.uint16) if made == "depth" else (255, np.uint8)
        grey = np.rint(values.astype(np.float64) * white).astype(kind)
        buffer = io.BytesIO()
        Image.fromarray(grey).save(buffer, format="PNG", pnginfo=info)
        store.write(self.name(made), buffer.getvalue())

    def write_caption(self, caption: str, model: str) -> None:
        """Write a caption with the model that made it; a caption that a person puts beside it comes before."""
        store, _ = self._place
        store.write(self.name("captions"), canonical_json({"caption": caption, CAPTION_MODEL: model}, indent=1))


def _texts(head: bytes) -> dict[str, str]:
    """Return the texts at the beginning of a PNG; none where it is no PNG."""
    try:
        with Image.open(io.BytesIO(head), formats=["PNG"]) as image:
            return {str(name): text for name, text in image.info.items() if isinstance(text, str)}
    except (OSError, SyntaxError, ValueError):
        return {}
