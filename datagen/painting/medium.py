"""The renderers that a job asks for: do they exist, and can they work as they are told?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from underpaint import renderers
from underpaint.datagen.config import GenerateConfig


def with_options(config: GenerateConfig) -> GenerateConfig:
    """The config with the options of each of its renderers spelled out, given or not.

    Raises:
        ValueError: no such renderer, or options of another one: they would go unused.
    """
    for name in config.media:
        if name not in renderers.names():
            raise ValueError(f"renderer is {name!r}: use one of {', '.join(renderers.names())}")
    for name in config.options:
        if name not in config.media:
            raise ValueError(f"options of {name} are given, but the renderer is {config.renderer}: remove them")
    return replace(config, options={name: _options(config, name) for name in config.media})


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
    grey = np.linspace(0, 1, 32 * 32, dtype=np.float32).reshape(32, 32)
    ramp = np.linspace(0, 255, 32 * 32 * 3).astype(np.uint8).reshape(32, 32, 3)
    for name, options in config.options.items():
        guides = dict.fromkeys(renderers.get_medium(name).guides(options), grey)
        try:
            process = renderers.paint(
                ramp, renderer=name, strokes=20, quality=config.quality, seed=0, options=options, guides=guides
            )
            process.frames(2, config.schedule)
        except (ValueError, ImportError) as error:  # some options need packages that the plain install lacks
            raise ValueError(f"{name}: {error}") from error
