"""Recipes: the YAML files that come with the package, and are called by their names."""

from __future__ import annotations

from pathlib import Path

import underpaint
from underpaint.texts import did_you_mean


def recipes_folder() -> Path:
    """Return the folder of the recipes, be it in a wheel or in a checkout, which may lack its links."""
    return next(path for place in underpaint.__path__ if (path := Path(place) / "configs").is_dir())


def recipe_names() -> list[str]:
    """Return the names of all recipes, in the order of the alphabet."""
    return sorted(path.stem for path in recipes_folder().glob("*.yaml"))


def find_recipe(name: str) -> Path:
    """Return the file that `--config` means: a path if there is such a file, otherwise the recipe of that name.

    Raises:
        ValueError: neither; lists the recipes.
    """
    path = Path(name)
    if path.is_file():
        return path
    if name in (names := recipe_names()):
        return recipes_folder() / f"{name}.yaml"
    if path.is_dir():
        raise ValueError(f"{name} is a folder: give a YAML file, or the name of a recipe")
    hint = did_you_mean(name, names) or f"; the recipes are {', '.join(names)}"
    raise ValueError(f"{name} is no file and no recipe{hint}")
