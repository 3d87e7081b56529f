"""A picture that somebody uploaded, in memory: its file is deleted as soon as it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from underpaint.pipelines.photo import Photo, read_photo

# Beyond these proportions there is nothing to see on a page.
_MAX_ASPECT = 8.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Upload:
    """An uploaded picture.

    Attributes:
        name: of its file.
        data: all of its bytes.
        photo: what it shows, at most 720 px on its short side.
    """

    name: str
    data: bytes
    photo: Photo

    @classmethod
    def take(cls, path: Path, *, max_pixels: int) -> Upload:
        """Read an uploaded file, and delete it whatever is in it.

        Raises:
            BadPicture: it can't be used, or has more pixels; says why.
        """
        try:
            photo = read_photo(path, max_pixels=max_pixels, max_aspect=_MAX_ASPECT)
            return cls(name=path.name, data=path.read_bytes(), photo=photo)
        finally:
            path.unlink(missing_ok=True)

    def write(self, folder: Path) -> Path:
        """Write the file anew, under its own name, for a moment."""
        path = folder / self.name
        path.write_bytes(self.data)
        return path
