"""What a sample stores, by its KEY.json; read before torch is imported, too."""

from __future__ import annotations

from underpaint.texts import parse_json

_LONGEST = 16383  # px, what WebP holds


def canvas_and_frames(record: bytes) -> tuple[tuple[int, int], int]:
    """Height and width in pixels, and number of frames, from KEY.json.

    Raises:
        ValueError: no such record.
    """
    try:
        about = parse_json(record)
        height, width = (int(side) for side in about["canvas"])
        if not (0 < height <= _LONGEST and 0 < width <= _LONGEST):
            raise ValueError(f"a canvas of {height} x {width} px in its JSON")
        return (height, width), len(about["frames"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(reason(error)) from error


def reason(error: Exception) -> str:
    """Return what is wrong with a record, from the error that reading it ended with."""
    return f"no {error} in its JSON" if isinstance(error, KeyError) else str(error)
