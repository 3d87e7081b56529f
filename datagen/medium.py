"""The renderer that a job asks for: does it exist, and can it work as it is told?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import renderers
from datagen.config import GenerateConfig


def with_options(config: GenerateConfig) -> GenerateConfig:
    """The config with its renderer's options spelled out, given or not.

    Raises:
        ValueError: no such renderer, or options of another one.
    """
    if config.renderer not in renderers.names():
        raise ValueError(f"renderer is {config.renderer!r}: use one of {', '.join(renderers.names())}")
    kind = renderers.options_class(config.renderer)
    if config.options is None:
        return replace(config, options=kind())
    if not isinstance(config.options, kind):
        raise ValueError(f"options are {config.options!r}, but {config.renderer} takes {kind.__name__}")
    return config


def try_out(config: GenerateConfig) -> None:
    """Paint a thumbnail, so that a wrong option ends the job before it starts, and not in every picture of it.

    It also compiles the kernels where that was never done (20 s), once here instead of in every worker.

    Raises:
        ValueError: an option that the renderer refuses.
    """
    config = with_options(config)
    ramp = np.linspace(0, 255, 32 * 32 * 3).astype(np.uint8).reshape(32, 32, 3)
    process = renderers.paint(
        ramp, renderer=config.renderer, strokes=20, quality=config.quality, seed=0, options=config.options
    )
    process.frames(2, config.schedule)
