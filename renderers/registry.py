"""The media there are: every module of `underpaint.renderers.media` is one, found by its file name."""

from __future__ import annotations

import importlib
import pkgutil

from underpaint.renderers.medium import Medium


def names() -> tuple[str, ...]:
    """Return the names of all media, in alphabetical order."""
    import underpaint.renderers.media

    return tuple(sorted(module.name for module in pkgutil.iter_modules(underpaint.renderers.media.__path__)))


def get_medium(name: str) -> Medium:
    """Return the medium called `name`. Its module is imported here, not before.

    Raises:
        ValueError: if there is none of that name.
    """
    if name not in names():
        raise ValueError(f"unknown renderer {name!r}; there are: {', '.join(names())}")
    medium = importlib.import_module(f"underpaint.renderers.media.{name}").MEDIUM
    assert isinstance(medium, Medium)
    assert medium.name == name, f"renderers/media/{name}.py names its medium {medium.name!r}"
    return medium


def options_class(name: str) -> type:
    """Return the frozen dataclass of the options that only this medium has."""
    return get_medium(name).options
