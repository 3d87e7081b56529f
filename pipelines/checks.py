"""What can be told of a command before torch is loaded: whether its files and folders are there."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from underpaint.datagen.writing import is_part
from underpaint.hub import check_hub
from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.embeddings import parse_embedding
from underpaint.pipelines.loras import find_lora, parse_lora
from underpaint.pipelines.paint_jobs import is_several
from underpaint.pipelines.places import places_of


def check_command(config: PaintConfig) -> None:
    """Raise ValueError or OSError for what can't be read or written, in one line, without torch or the hub."""
    pictures = [] if config.task == "text" else config.subjects
    for subject in pictures:
        _check_picture(subject)
    for path in config.conditioning_frames.values():
        _check_picture(str(path))
    places_of(config)
    for text in config.lora:
        find_lora(parse_lora(text), config.models)
    for text in config.embedding:
        parse_embedding(text)
    check_hub(config.base, config.vae, config.motion, config.replication)
    wanted = config.wanted_format(several=is_several(config))
    if not is_several(config):
        check_apart([config.out], [*map(Path, pictures), *config.conditioning_frames.values()])
    check_out(config.out, folder=is_several(config) or wanted in ("corpus", "frames"))


def _check_picture(name: str) -> None:
    """Raise FileNotFoundError for a path that leads nowhere; URLs and patterns are looked at later."""
    if "://" not in name and not set(name) & set("*?[{") and not Path(name).exists():
        kinds = "a list" if is_part(name) else "a picture, a folder, a glob, a .jsonl or .csv"
        raise FileNotFoundError(f"source {name!r} does not exist: give {kinds}")


def check_apart(outs: Iterable[Path], pictures: Iterable[Path]) -> None:
    """Raise ValueError if a file or folder to write is one of the pictures to paint, or a folder that holds one."""
    given = {path.resolve() for path in pictures}
    given |= {folder for path in given for folder in path.parents}
    for out in outs:
        if out.exists() and out.resolve() in given:
            what = "holds pictures that are" if out.is_dir() else "is a picture that is"
            raise ValueError(f"--out {out} {what} to be painted, and would be replaced: give another name")


def check_out(out: Path, *, folder: bool) -> None:
    """Raise ValueError unless a file or folder can be written there; nothing is made.

    Args:
        out: where to.
        folder: whether it will be a folder.
    """
    if out.exists() and (not out.is_dir() if folder else not out.is_file()):
        is_ = "a folder" if out.is_dir() else "a file" if out.is_file() else "neither a file nor a folder"
        raise ValueError(f"--out {out} is {is_}: give the name of a {'folder' if folder else 'file'}")
    above = out if folder and out.is_dir() else out.absolute().parent
    while not above.exists():
        above = above.parent
    try:
        with tempfile.TemporaryFile(dir=above):  # permissions alone don't tell: root may do all, and some disks nothing
            pass
    except OSError as error:
        raise ValueError(f"--out {out} can't be written: {above}: {error.strerror}") from None
