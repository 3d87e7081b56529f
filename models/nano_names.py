"""Names of the bases that are built here; no torch, so that commands know them before they load it."""

from __future__ import annotations

NANO = "nano"
NANO_LARGE = "nano-large"
NANOS = (NANO, NANO_LARGE)
SIZES = {NANO: 64, NANO_LARGE: 96}  # sides of their pictures in pixels


def is_nano(base: object) -> bool:
    """Return whether a base, as settings name it, is one that is built here and begins with new weights."""
    return base in NANOS
