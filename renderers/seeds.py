"""The seeds of the parts of a painting: one for each part that draws random numbers, made from the painting's own.

All are plain arithmetic, so that they are the same in every version. They part what one painting does, but not every
painting from every other: each function says where two paintings draw the same numbers. A corpus takes its seeds from a
hash (63 bits), where that is as unlikely as two equal seeds.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

InkPart = Literal["shapes", "replacements", "touches", "tints"]

IllustrationPart = Literal["habits", "hand", "shading", "highlights"]

MannerPart = Literal["habits", "drawing", "places", "placing", "flats"]

# Where each part of a painting in the painter's manner begins among its 4,096 seeds.
_MANNER_PARTS: dict[MannerPart, int] = {"habits": 0, "drawing": 1, "places": 2, "placing": 16, "flats": 1024}
# Where each part of an ink painting begins among its 64 seeds.
_INK_PARTS: dict[InkPart, int] = {"shapes": 0, "replacements": 16, "touches": 40, "tints": 48}
# Where each part of a digital illustration begins among its 32 seeds.
_ILLUSTRATION_PARTS: dict[IllustrationPart, int] = {"habits": 0, "hand": 1, "shading": 2, "highlights": 16}
_SEEDS = 2**63


def stage_seed(seed: int, stage: int, stages: int) -> int:
    """Return the seed of one stage of a fit, at least 0.

    No two stages of one recipe share a seed. Recipes of different lengths do: stage 1 of 10 of seed 0 and stage 1 of 11
    of seed 0, for example.

    Args:
        seed: of the painting, 0..2**63-1.
        stage: number of the stage, from 0.
        stages: how many the recipe has.
    """
    return seed * stages + stage


def ink_seed(seed: int, part: InkPart, number: int = 0) -> int:
    """Return the seed of one search of an ink painting, at least 0.

    Paintings whose seeds are a multiple of 2**57 apart search alike.

    Args:
        seed: of the painting, 0..2**63-1.
        part: what is searched for.
        number: which of the searches of this part, from 0.
    """
    return seed * 64 % _SEEDS + _INK_PARTS[part] + number


def manner_seed(seed: int, part: MannerPart, number: int = 0) -> int:
    """Return the seed of one part of a painting in the painter's manner, at least 0.

    Paintings whose seeds are a multiple of 2**51 apart draw alike.

    Args:
        seed: of the painting, 0..2**63-1.
        part: what is drawn at random.
        number: which of the searches of this part, from 0; of those that block in, more than 3,072 share seeds with
            the next painting's.
    """
    return seed * 4096 % _SEEDS + _MANNER_PARTS[part] + number


def region_seed(seed: int, rank: int) -> int:
    """Return the seed, 0..2**63-1, that a region is filled with.

    Weak: rank r of seed s has the seed of rank r - 1 of seed s + 1, so paintings of neighbouring seeds share seeds,
    though seldom a region.

    Args:
        seed: of the painting, 0..2**63-1.
        rank: place of the region in the painting order, from 0.
    """
    return (seed + rank) % _SEEDS


def bristle_grains(seed: int, count: int) -> npt.NDArray[np.float64]:
    """Return what seeds the bristles of each stroke of an oil painting -> float64 (count,) in [0, 1).

    Multiples of 2**-16, exact in float32 and all different for 65,536 strokes (the factor is odd). Only the seed modulo
    65,536 counts.
    """
    return (np.arange(count) * 40503 + seed) % 65536 / 65536


def illustration_seed(seed: int, part: IllustrationPart, number: int = 0) -> int:
    """Return the seed of one part of a digital illustration, at least 0.

    Paintings whose seeds are a multiple of 2**58 apart draw alike.

    Args:
        seed: of the painting, 0..2**63-1.
        part: what is drawn at random, or searched for.
        number: which of the searches of this part, from 0.
    """
    return seed * 32 % _SEEDS + _ILLUSTRATION_PARTS[part] + number


def pencil_seed(seed: int, number: int) -> int:
    """Return the seed of one search of a pencil drawing, at least 0.

    Drawings whose seeds are a multiple of 2**59 apart search alike.

    Args:
        seed: of the drawing, 0..2**63-1.
        number: which of the searches, 0..15.
    """
    return seed * 16 % _SEEDS + number
