"""From templates, style and scripts to one HTML document that asks nobody for anything."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined

import underpaint
from underpaint.datagen.report.films import Film
from underpaint.datagen.report.rows import Row, colour_of
from underpaint.texts import printable, well_formed

_ASSETS = files("underpaint.datagen.report")
CAPTION = 400  # characters: a page lists thousands of captions, and must stay small


def asset(name: str) -> str:
    """Read a file of this package as text."""
    return (_ASSETS / name).read_text(encoding="utf-8")


@cache
def _templates() -> Environment:
    # Whatever a template prints is escaped, be it a caption or a path; `data|tojson` escapes < and & as well.
    return Environment(
        loader=FunctionLoader(asset), autoescape=True, undefined=StrictUndefined, trim_blocks=True, finalize=_shown
    )


def _shown(value: Any) -> Any:
    """Show characters that control a terminal: somebody may look into the page with one. Markup is our own."""
    return printable(well_formed(value)) if type(value) is str and not value.isprintable() else value


def render(template: str, scripts: Sequence[str], *, reach: str, **values: Any) -> str:
    """Fill a template, and return the whole page.

    Args:
        template: its file, which extends base.html.
        scripts: files of its script, in order.
        reach: `connect-src` and `img-src` of its content security policy: what may be loaded beside the page itself.
            No script runs but ours, known by its hash, should a caption ever come through as markup.
        **values: of the template; `data` goes to the scripts as JSON.
    """
    script = "\n".join(asset(name).replace('"use strict";\n', "") for name in scripts)
    script = f'"use strict";\n{script}'
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src {reach}; "
        f"connect-src {reach}; form-action 'self'; base-uri 'none'"
    )
    footer = f"Underpaint {underpaint.__version__}"
    page = _templates().get_template(template)
    return page.render(policy=policy, style=asset("style.css"), script=script, footer=footer, **values)


def groups_data(counts: Mapping[str, int]) -> list[dict[str, Any]]:
    """Describe the groups of a page to its script: name, number of the colour, count."""
    return [{"name": name, "colour": colour_of(name), "count": count} for name, count in counts.items()]


def row_data(row: Row, group: int, odd: float = 0.0) -> list[Any]:
    """Describe a row to the page's script, in the order of cards.js; of a very long caption only the beginning."""
    height, width = row.canvas
    caption = row.caption if row.caption is None or len(row.caption) <= CAPTION else row.caption[:CAPTION] + "…"
    return [row.key, row.source, caption, group, row.strokes, row.psnr, row.bytes, height, width, round(odd, 1)]


def film_data(row: Row, film: Film | None = None, address: str = "") -> dict[str, Any]:
    """Describe a film to the page's script: in Base64, or as addresses below `address`."""
    pictures = {"film": f"{address}film.webp", "poster": f"{address}poster.webp", "strip": f"{address}strip.webp"}
    if film is not None:
        pictures = {name: base64.b64encode(getattr(film, name)).decode() for name in pictures}
    return {**pictures, "curve": row.curve, "phases": row.phases, "credits": row.credits}
