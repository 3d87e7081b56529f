"""The light of a scene: where it comes from, what it does to colours, and the colours of the sky it comes through."""

from __future__ import annotations

from dataclasses import dataclass

from underpaint.datagen.scenes.layer import Rgb
from underpaint.datagen.scenes.words import Sky


@dataclass(frozen=True, kw_only=True)
class Light:
    """How a sky lights a scene.

    Attributes:
        top, middle, low: colours of the sky from the zenith to the horizon.
        tint: what lit colours are multiplied by.
        ground: the same for the ground, which a low sun lights less.
        snow: the same for snow, which shows the colour of the sky.
        shadow: how dark cast shadows are, 0..1.
        length: how long they are, in heights of the thing.
        haze: how far the colour of the horizon hides what is far, 0..1.
        near_haze: the same of what is near.
        lamps: whether lamps are on.
        clouds: how much of the sky they take, 0..1.
        cloud: their colour.
    """

    top: Rgb
    middle: Rgb
    low: Rgb
    tint: Rgb = (1.0, 1.0, 1.0)
    ground: Rgb = (1.0, 1.0, 1.0)
    snow: Rgb = (1.0, 1.0, 1.0)
    shadow: float = 0.45
    length: float = 0.5
    haze: float = 0.45
    near_haze: float = 0.0
    lamps: bool = False
    clouds: float = 0.4
    cloud: Rgb = (1.0, 1.0, 1.0)


LIGHTS: dict[Sky, Light] = {
    "day": Light(top=(0.22, 0.49, 0.86), middle=(0.47, 0.71, 0.94), low=(0.80, 0.90, 0.95)),
    "clouds": Light(
        top=(0.52, 0.56, 0.61),
        middle=(0.66, 0.69, 0.72),
        low=(0.80, 0.81, 0.81),
        tint=(0.90, 0.91, 0.93),
        ground=(0.82, 0.84, 0.86),
        snow=(0.86, 0.88, 0.91),
        shadow=0.2,
        length=0.25,
        clouds=1.0,
        cloud=(0.84, 0.85, 0.86),
    ),
    "sunset": Light(
        top=(0.36, 0.27, 0.50),
        middle=(0.90, 0.45, 0.34),
        low=(1.0, 0.80, 0.45),
        tint=(1.0, 0.86, 0.74),
        ground=(0.86, 0.66, 0.58),
        snow=(0.90, 0.74, 0.80),
        shadow=0.5,
        length=1.0,
        haze=0.4,
        lamps=True,
        clouds=0.45,
        cloud=(0.98, 0.55, 0.42),
    ),
    "night": Light(
        top=(0.04, 0.06, 0.19),
        middle=(0.09, 0.13, 0.33),
        low=(0.20, 0.28, 0.50),
        tint=(0.72, 0.73, 0.88),
        ground=(0.36, 0.41, 0.62),
        snow=(0.42, 0.49, 0.76),
        shadow=0.4,
        length=0.4,
        haze=0.35,
        lamps=True,
        clouds=0.2,
        cloud=(0.26, 0.31, 0.50),
    ),
    "rain": Light(
        top=(0.30, 0.34, 0.41),
        middle=(0.41, 0.46, 0.53),
        low=(0.56, 0.61, 0.66),
        tint=(0.78, 0.80, 0.85),
        ground=(0.60, 0.64, 0.70),
        snow=(0.66, 0.70, 0.77),
        shadow=0.15,
        length=0.2,
        haze=0.6,
        lamps=True,
        clouds=1.0,
        cloud=(0.24, 0.27, 0.34),
    ),
    "fog": Light(
        top=(0.80, 0.82, 0.83),
        middle=(0.85, 0.865, 0.865),
        low=(0.90, 0.905, 0.90),
        tint=(0.95, 0.95, 0.95),
        ground=(0.90, 0.91, 0.91),
        snow=(0.93, 0.94, 0.95),
        shadow=0.08,
        length=0.2,
        haze=0.85,
        near_haze=0.2,
        clouds=0.0,
    ),
}


def mixed(first: Rgb, second: Rgb, share: float) -> Rgb:
    """Return a colour between two, `share` of the second."""
    return tuple(a + (b - a) * share for a, b in zip(first, second, strict=True))  # type: ignore[return-value]


def times(first: Rgb, second: Rgb) -> Rgb:
    """Return the product of two colours."""
    return first[0] * second[0], first[1] * second[1], first[2] * second[2]
