"""Where a job may write: not over what it reads, nor under the name of a single file."""

from __future__ import annotations

from pathlib import PurePosixPath

from underpaint.datagen.config import CorpusConfig
from underpaint.datagen.sources.folders import is_pattern
from underpaint.datagen.storage.store import Store
from underpaint.datagen.storage.streams import local_path, split

# What other commands write, and what a corpus is made of: a folder called so is a slip. A corpus called after its list,
# as `corpus.csv`, is none.
_FILES = frozenset(
    (
        *(".mp4", ".webm", ".mov", ".mkv", ".avi", ".gif", ".png", ".jpg", ".jpeg", ".webp", ".avif", ".heic", ".tif"),
        *(".tiff", ".bmp", ".svg", ".pdf", ".html", ".tar", ".tgz", ".gz", ".zip", ".npz", ".npy", ".safetensors"),
    )
)


def check_places(config: CorpusConfig) -> None:
    """Check that a corpus may be written where the config says.

    Raises:
        ValueError: `out` is called like a file, or it and the source lie in each other.
    """
    _refuse_file(config.store)
    source, out = Store(_folder(config.source)), config.store
    around = source.is_within(out)
    # Of a list or a glob in a folder, that folder may hold other things.
    holds_out = around or _is_folder(config.source) or "**" in config.source
    if holds_out and out.is_within(source):
        raise ValueError(
            f"out is {config.store} and source is {config.source}: the corpus would lie among its pictures; "
            "use an --out outside of the source"
        )
    if around:
        raise ValueError(
            f"source is {config.source}, which lies in out, {config.store}: move it out of there, or use another --out"
        )


def _refuse_file(out: Store) -> None:
    name = PurePosixPath(out.location)
    is_there = out.local is not None and out.local.is_dir()  # older versions took any name
    if name.suffix.lower() in _FILES and not is_there:
        raise ValueError(
            f"out is {out}, but a corpus is a folder: use --out {out.location.removesuffix(name.suffix)}; "
            "`underpaint-data export` makes films and pictures of it"
        )


def _folder(source: str) -> str:
    """Return the folder that a source is, or lies in; of a pattern, what is before its first wildcard."""
    if _is_folder(source):
        return source
    folder = split(source)[0].location
    while is_pattern(folder):
        folder = split(folder)[0].location
    return folder


def _is_folder(source: str) -> bool:
    """Return whether a source is a folder; of a URL its name tells, as nobody is asked here."""
    local = local_path(source)
    return (PurePosixPath(source).suffix == "" and not is_pattern(source)) if local is None else local.is_dir()
