"""Lines of the page: what goes on, or what went wrong, as HTML."""

from __future__ import annotations

import html
from pathlib import Path


def said(text: str) -> str:
    """Return a line as HTML."""
    return f"<p>{html.escape(text)}</p>"


def wrong(error: Exception | str) -> str:
    """Return what went wrong, as one line of HTML."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        text = f"{Path(error.filename).name}: {error.strerror}"
    else:
        text = " ".join(str(error).split())
    return f'<p class="error" role="alert">{html.escape(text)}</p>'
