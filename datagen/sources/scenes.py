"""The small world as a source: `scenes:4000`, drawn by code, so that there is something to learn from everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from underpaint.datagen.pictures.drawn import Drawn
from underpaint.datagen.sources.rows import Listed, Row

_FORM = re.compile(r"(scenes|scenes-held-out):([0-9]{1,9})(?:@([0-9]{1,9}))?")
# Part of the digest of a source: when scenes are drawn in another way, a version here has jobs notice it.
PROVENANCE = "Underpaint's scenes, drawn by code"


def are_scenes(location: str) -> bool:
    """Return whether a source is the small world, and no file."""
    return location.startswith(("scenes:", "scenes-held-out:"))


def scene_rows(location: str) -> Iterator[Row]:
    """Stream the scenes of `scenes:N`, of `scenes-held-out:N`, or of another seed, as in `scenes:N@SEED`.

    Raises:
        ValueError: written in another way, or none are asked for.
    """
    form = _FORM.fullmatch(location)
    if form is None or int(form[2]) < 1:
        raise ValueError(
            f"source {location!r} is not how scenes are asked for: write scenes:4000, scenes-held-out:400, or, for "
            "other ones, scenes:4000@1"
        )
    count, seed, held_out = int(form[2]), int(form[3] or 0), form[1] == "scenes-held-out"
    return (partial(_row, Drawn(number, seed, held_out)) for number in range(count))


def _row(place: Drawn) -> Listed:
    return Listed(place.name, place, place.scene.caption, credits=(("provenance", PROVENANCE),))
