"""The media there are: every module of `renderers.media` is one, found by its file name."""

from __future__ import annotations

import importlib
import pkgutil

from renderers.medium import Medium


def names() -> tuple[str, ...]:
    """The names of all media, in alphabetical order."""
    import renderers.media

    return tuple(sorted(module.name for module in pkgutil.iter_modules(renderers.media.__path__)))


def get_medium(name: str) -> Medium:
    """The medium called `name`. Its module is imported here, not before.

    Raises:
        ValueError: if there is none of that name.
    """
    if name not in names():
        raise ValueError(f"unknown renderer {name!r}; there are: {', '.join(names())}")
    medium = importlib.import_module(f"renderers.media.{name}").MEDIUM
    assert isinstance(medium, Medium)
    assert medium.name == name, f"renderers/media/{name}.py names its medium {medium.name!r}"
    return medium


def options_class(name: str) -> type:
    """The frozen dataclass of the options that only this medium has."""
    return get_medium(name).options
