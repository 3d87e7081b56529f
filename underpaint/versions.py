"""What `--version` prints: everything that a report of a fault should name."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from underpaint import __version__


def version_line() -> str:
    """Return the versions of Underpaint, its painting and Python, and torch's where it is installed."""
    from underpaint.renderers import PAINTING_VERSION

    try:
        torch = f"torch {version('torch')}"  # from its metadata: importing it takes seconds
    except PackageNotFoundError:
        torch = "no torch"
    return f"underpaint {__version__} (painting {PAINTING_VERSION}, Python {platform.python_version()}, {torch})"
