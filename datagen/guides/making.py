"""Maps and captions of some pictures, made by one worker."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from platform import node

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from underpaint.datagen.guides.beside import Beside
from underpaint.datagen.guides.config import GuidesConfig
from underpaint.datagen.guides.models import identities, load_models, made_caption, made_map
from underpaint.datagen.jobs.portion import Done, Portion, Report
from underpaint.datagen.jobs.shard import ShardFailed
from underpaint.datagen.pictures.decode import decode_picture
from underpaint.datagen.pictures.picture import BadPicture, Canvas, Picture
from underpaint.datagen.sources.source import Source
from underpaint.texts import printable

# Networks look at about a thousand pixels, maps are half as large.
_SEEN = 2


@dataclass(frozen=True)
class NotMade:
    """A map or caption that couldn't be made; `made` is None if the picture can't be used at all."""

    source: str
    made: str | None
    why: str

    def __str__(self) -> str:
        return f"{self.source}: {self.made + ', ' if self.made else ''}{self.why}"


@dataclass(frozen=True)
class Made:
    """What became of some pictures: how many of each guide were made, and what couldn't be."""

    counts: dict[str, int]
    failures: list[NotMade]


@dataclass(frozen=True, kw_only=True)
class GuidePortion(Portion):
    """Pictures that get their maps and captions, and the models, by what they make, as the driver knows them."""

    config: GuidesConfig
    models: dict[str, str]

    def do(self, report: Report) -> Done:
        """Make what is missing; tells a `Made`.

        Raises:
            ShardFailed: this machine has other models.
            ValueError: a model can't be loaded.
            OSError: a folder can't be written.
        """
        here = identities(self.config)
        for name, model in self.models.items():
            if here[name] != model:
                raise ShardFailed(f"{name} of {node()} is {here[name]}, not {model}: put the same file there")
        load_models(self.config)
        counts, failures = dict.fromkeys(self.models, 0), list[NotMade]()
        for done, source in enumerate(self.sources, 1):
            for outcome in self._made(source):
                if isinstance(outcome, NotMade):
                    failures.append(outcome)
                else:
                    counts[outcome] += 1
            report(done, len(failures))
        return Done(failures=len(failures), told=Made(counts, failures))

    def elsewhere(self) -> GuidePortion:
        """Return it for a worker with another working directory."""
        given = {name: path.absolute() for name, path in self.config.models.items()}
        return replace(super().elsewhere(), config=replace(self.config, **given))  # type: ignore[arg-type]

    def _made(self, source: Source) -> Iterator[str | NotMade]:
        beside = Beside(source)
        wanted = [name for name, model in self.models.items() if is_wanted(beside.state(name, model), self.config)]
        if not wanted:
            return  # an earlier try has made it
        try:
            picture = decode_picture(source.path, canvas_of(self.config))
        except (BadPicture, MemoryError) as bad:
            yield NotMade(source.stored_name, None, printable(str(bad) or "no memory"))
            return
        for name in wanted:
            try:
                content = _content(name, picture, self.config)
            except Exception as error:  # a network can raise anything, and of a million pictures one may be odd
                yield NotMade(source.stored_name, name, printable(f"{type(error).__name__}: {error}"))
                continue
            if isinstance(content, str):
                beside.write_caption(content, self.models[name])
            else:
                beside.write_map(name, content, self.models[name])
            yield name


def is_wanted(state: str, config: GuidesConfig) -> bool:
    """Return whether a map or caption in this state is to be made."""
    return state == "missing" or (state == "other" and config.remake)


def canvas_of(config: GuidesConfig) -> Canvas:
    """Return what pictures are brought to for the networks."""
    return Canvas(
        size=_SEEN * config.size,
        square=False,
        background=(255, 255, 255),
        min_side=1,
        max_pixels=config.max_pixels,
        max_aspect=config.max_aspect,
    )


def _content(name: str, picture: Picture, config: GuidesConfig) -> str | NDArray[np.float32]:
    if name == "captions":
        caption = made_caption(picture.pixels, config)
        if not caption:
            raise ValueError("the model says nothing")
        return caption
    values = Image.fromarray(made_map(name, picture.pixels, config))
    width, height = picture.size
    scale = min(1.0, config.size / min(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.clip(np.asarray(values.resize(size, Image.Resampling.BILINEAR), np.float32), 0, 1)
