"""The brush that ink marks are placed with."""

from __future__ import annotations

import dataclasses

from underpaint.renderers.strokes.shapes import Brush


@dataclasses.dataclass(frozen=True, kw_only=True)
class InkBrush(Brush):
    """What marks may look like while they are placed; their opacities are absorbances."""

    # A dab, not a dot.
    shortest: float = 1.2
    softness: float = 0.5
    opacity_min: float = 0.04
    opacity_max: float = 0.9
