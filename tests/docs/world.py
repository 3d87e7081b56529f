"""The files and folders that the pages name, as small as can be; each is made once, when a block first asks for it."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.datagen.helpers import quietly, synthetic
from underpaint.commandline.config_file import read_config
from underpaint.commandline.recipes import find_recipe
from underpaint.datagen.config import GenerateConfig
from underpaint.renderers import options_class


def _needed(name: str) -> int:
    """Return the largest `size` or number of `frames` that a recipe of nano asks of a corpus."""
    recipes = [read_config(find_recipe(f"nano-{stage}")) for stage in ("base", "motion", "replication", "artist")]
    return max(int(recipe.get(name, 0)) for recipe in recipes)


FRAMES = _needed("frames")


class World:
    """Makes what is asked for in a folder of its own, and copies it to where blocks run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def provide(self, word: str, into: Path) -> None:
        """Copy what a word names, such as `photo.jpg` or `runs/base`, into a folder, unless it is there."""
        word = word.rstrip("/")
        for name, make in _MAKERS.items():
            if word == name or word.startswith(f"{name}/") or name.startswith(f"{word}/"):
                if not (made := self._folder / name).exists():
                    made.parent.mkdir(parents=True, exist_ok=True)
                    make(made)
                _copy(self._folder, into, word if (self._folder / word).exists() else name)


def _copy(folder: Path, into: Path, name: str) -> None:
    if not (copy := into / name).exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (folder / name).is_dir() else shutil.copy)(folder / name, copy)


def _picture(path: Path) -> None:
    synthetic(len(path.name), (96, 72)).save(path)


def _pictures(folder: Path) -> None:
    folder.mkdir()
    names = ("barn", "tree", "boat")  # `split` holds out boat-200 of what `corpus-a` and `corpus-b` are joined to
    for number, name in enumerate(names):
        synthetic(number, (96, 72)).save(folder / f"{name}.jpg")
    rows = [{"file": f"{name}.jpg", "caption": f"a {name}"} for name in names]
    (folder / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def _table(path: Path) -> None:
    import pandas as pd

    rows = []
    for number in range(2):
        data = io.BytesIO()
        synthetic(number, (96, 72)).save(data, "PNG")
        rows.append({"image": {"bytes": data.getvalue(), "path": f"p{number}.png"}, "caption": f"picture {number}"})
    pd.DataFrame(rows).to_parquet(path)


def _corpus(seed: int, size: int = _needed("size")) -> Callable[[Path], None]:
    """Three samples in three shards, in oil, as large as the recipes for them need."""

    def make(folder: Path) -> None:
        pictures = folder.parent / f"of-{folder.name}"
        _pictures(pictures)
        if seed:
            for path in pictures.glob("*.jpg"):
                synthetic(seed + len(path.name), (96, 72)).save(path.with_stem(f"{path.stem}-{seed}"))
                path.unlink()
            (pictures / "captions.jsonl").unlink()
        small = {"size": size, "strokes": 24, "frames": FRAMES, "quality": "draft", "shard_size": 1, "workers": 0}
        by_error = {"oil": options_class("oil")(manner="error")}  # which `reorder` takes
        config = GenerateConfig(source=str(pictures), out=folder, renderer="oil", options=by_error, **small)
        assert quietly(config).complete

    return make


def _process() -> list[Image.Image]:
    finished = np.asarray(synthetic(9, (96, 72)))
    frames = np.full((FRAMES, *finished.shape), 255, np.uint8)
    for number in range(FRAMES):
        frames[number, :, : number * finished.shape[1] // (FRAMES - 1)] = finished[
            :, : number * finished.shape[1] // (FRAMES - 1)
        ]
    return [Image.fromarray(frame) for frame in frames]


def _animation(path: Path) -> None:
    first, *others = _process()
    first.save(path, save_all=True, append_images=others, lossless=True, duration=100)


def _frames(folder: Path) -> None:
    folder.mkdir()
    for number, frame in enumerate(_process()):
        frame.save(folder / f"{number}.png")


def _recordings(folder: Path) -> None:
    folder.mkdir()
    _frames(folder / "barn")
    (folder / "barn.txt").write_text("a barn")


def _runs(folder: Path) -> None:
    """Finished runs of all stages, of networks that have learned nothing."""
    from tests.pipelines.conftest import save_small

    small = folder.parent / f"small-{folder.name}"
    small.mkdir(exist_ok=True)  # left by an earlier try without torch
    save_small(small, recipe={"name_medium": True, "renderer": ["bezier", "oil"]})
    for run, made in (("base", "base"), ("motion", "motion"), ("replication", "replication"), ("zorn", "artist-x")):
        result = folder / run / ("artist" if run == "zorn" else run)
        result.parent.mkdir(parents=True)
        (folder / run / "config.yaml").touch()
        shutil.copytree(small / made, result)
    # A motion module that went on training lies in the network's folder,
    shutil.copytree(small / "motion", folder / "replication/replication/motion")
    # and the LoRA by which a base was adapted in the base's.
    shutil.copy(
        small / "artist-x" / "spatial.diffusers.safetensors", folder / "base/base/adapter.diffusers.safetensors"
    )


def _lora(path: Path) -> None:
    _runs(path.parent / f"for-{path.stem}")
    shutil.copy(path.parent / f"for-{path.stem}" / "zorn/artist/spatial.diffusers.safetensors", path)


def _models(folder: Path) -> None:
    _runs(folder)
    shutil.rmtree(folder / "zorn")


def _empty(path: Path) -> None:
    if path.suffix:
        path.touch()
    else:
        path.mkdir()


_MAKERS: dict[str, Callable[[Path], None]] = {
    **dict.fromkeys(("photo.jpg", "barn.jpg", "sketch.png", "final.png"), _picture),
    **dict.fromkeys(("photos", "pictures", "learned/pictures"), _pictures),
    **dict.fromkeys(("corpus", "learned/corpus"), _corpus(0)),
    "pictures.parquet": _table,
    "corpus-a": _corpus(100),
    "corpus-b": _corpus(200),
    "artist": _corpus(300, 512),
    "painted.webp": _animation,
    "real": _frames,
    "videos": _recordings,
    "runs": _runs,
    "zorn.safetensors": _lora,
    "learned/models": _models,
    # Of networks that aren't ours there are names alone.
    **dict.fromkeys(("models/depth", "models/blip", "models/isnet-general-use.onnx"), _empty),
}
