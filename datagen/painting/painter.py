"""Pictures become samples by being painted: who does it, and whether the media that a job asks for can do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from underpaint import renderers
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.painting.painted import make_samples
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.source import Source
from underpaint.texts import did_you_mean


@dataclass(frozen=True)
class PaintingMaker:
    """Paints pictures; the options in its config are spelled out, see `with_options`."""

    config: GenerateConfig

    def sources(self, first: int = 0) -> Iterator[Source]:
        """Stream the pictures, see `read_sources`."""
        return read_sources(self.config.source, first)

    def make(self, source: Source, watch: Stopwatch) -> Iterator[Sample | Failure]:
        """Paint one picture in its media, see `make_samples`."""
        return make_samples(source, self.config, watch)

    def broken(self, renderer: str) -> str | None:
        """Paint a test picture, and return what goes wrong; None if nothing does, and the machine is in order."""
        try:
            _paint_test_picture(self.config, renderer)
        except MemoryError:
            raise
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return None

    def with_absolute_paths(self) -> PaintingMaker:
        """Return it with absolute paths, for a process with another working directory."""
        return replace(self, config=self.config.with_absolute_paths())


def with_options(config: GenerateConfig) -> GenerateConfig:
    """Return the config with the options of each of its renderers spelled out, given or not.

    So is the frame schedule, unless none is given and the renderers' own differ: then it stays None.

    Raises:
        ValueError: no such renderer, or options of another one: they would go unused.
    """
    for name in config.media:
        if name not in (known := renderers.names()):
            hint = did_you_mean(name, known)
            raise ValueError(f"renderer is {name!r}: use one of {', '.join(known)}{hint}")
    for name in config.options:
        if name not in config.media:
            raise ValueError(f"options of {name} are given, but the renderer is {config.renderer}: remove them")
    schedules = {config.schedule or renderers.get_medium(name).schedule for name in config.media}
    schedule: Any = schedules.pop() if len(schedules) == 1 else None
    return replace(config, schedule=schedule, options={name: _options(config, name) for name in config.media})


def _options(config: GenerateConfig, name: str) -> Any:
    kind = renderers.options_class(name)
    options = config.options.get(name, kind())
    if not isinstance(options, kind):
        raise ValueError(f"options of {name} are {options!r}, but it takes {kind.__name__}")
    return options


def try_out(config: GenerateConfig) -> None:
    """Paint a thumbnail in each medium, so that a wrong option ends the job before it starts, not in every picture.

    It also compiles the kernels where that was never done (20 s), once here instead of in every worker.

    Raises:
        ValueError: an option that the renderer refuses, or whose packages aren't installed.
    """
    config = with_options(config)
    for name, options in config.options.items():
        try:
            renderers.check_canvas(config.size, config.size, renderers.get_medium(name).longest_side(options))
            _paint_test_picture(config, name)
        except (ValueError, ImportError) as error:  # some options need packages that the plain install lacks
            raise ValueError(f"{name}: {error}") from error
        except OSError as error:
            if error.errno is None or error.filename is not None:
                raise
            where = "of compiled kernels (NUMBA_CACHE_DIR names another)"
            raise OSError(error.errno, f"{error.strerror} in the folder {where}") from error


def _paint_test_picture(config: GenerateConfig, name: str) -> None:
    grey = np.linspace(0, 1, 32 * 32, dtype=np.float32).reshape(32, 32)
    ramp = np.linspace(0, 255, 32 * 32 * 3).astype(np.uint8).reshape(32, 32, 3)
    options = config.options[name]
    guides = dict.fromkeys(renderers.get_medium(name).guides(options), grey)
    process = renderers.paint(
        ramp, renderer=name, strokes=20, quality=config.quality, seed=0, options=options, guides=guides
    )
    process.frames(2, config.schedule)
