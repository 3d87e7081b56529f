"""What an illustrator sees in a picture before drawing it: regions, their tones, and where lines go."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.ndimage import minimum_filter, uniform_filter

from underpaint.renderers.illustration.clip import smooth_labels
from underpaint.renderers.illustration.habits import DrawingHabits
from underpaint.renderers.order.scene import Scene
from underpaint.renderers.region.order import region_means
from underpaint.renderers.strokes.tiles import Float32

UInt8 = npt.NDArray[np.uint8]
Int32 = npt.NDArray[np.int32]

# A thousand strokes say no more than a canvas with this long side, in px, holds; no side may be less than the second.
WORKING_SIDE, LEAST_SIDE = 320, 8
# Labels are kept as uint8, and nobody fills more regions.
MOST_REGIONS = 250
# Weights of red, green and blue in brightness (ITU-R BT.601).
_BRIGHTNESS = (np.float32(0.299), np.float32(0.587), np.float32(0.114))
# How far, in sides of the picture, a hand looks around while it draws the outline of a region.
_HAND = 0.01
# The blur, in sides of the picture, before tones are cut: shadows are shapes, not texture.
_TONE_BLUR = 0.012
# Lines are drawn where the photograph has edges. Some of the flat colours and of the regions' saliency closes
# silhouettes, but not where the photograph is smooth: on cheeks only the light changes.
_FLAT, _SALIENT = np.float32(0.3), np.float32(0.2)
# What is smooth, and what is not, in tones per side of the picture, over so many sides.
_SMOOTH, _BUSY, _SLOPE_BLUR = np.float32(4.0), np.float32(10.0), 0.02
# Lines are so much of the darkest colour nearby, at most this many pixels away.
_DARKER, _NEARBY = np.float32(0.5), 2
# Lights are what is brighter than its surroundings (blur in sides of the picture) by more than this.
_LIGHT_BLUR, _LIGHT_STEP = 0.03, np.float32(0.1)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Study:
    """A picture with H x W pixels, in R regions that are numbered in the order in which they are filled.

    Attributes:
        picture: float32 (H, W, 3), 0..1.
        even: float32 (H, W, 3), the same without its highlights.
        labels: int32 (H, W), 0..R-1.
        flat: float32 (R, 3), the colour of each region in the light.
        toned: float32 (H, W, 3), each region in its few tones.
        outline: float32 (H, W), the plane whose edges are drawn.
        dark: float32 (H, W, 3), dark shades of what lies there, for lines.
    """

    picture: Float32
    even: Float32
    labels: Int32
    flat: Float32
    toned: Float32
    outline: Float32
    dark: Float32


def at_working_size(guide: Float32, picture: UInt8) -> Float32:
    """Return a map beside a picture, float32 (h, w), at the size of the working picture, uint8 (H, W, 3)."""
    height, width = picture.shape[:2]
    return np.asarray(Image.fromarray(guide).resize((width, height), Image.Resampling.BOX), np.float32)


def make_study(picture: UInt8, scene: Scene, habits: DrawingHabits, most: int) -> Study:
    """Return what is seen in a picture, uint8 (H, W, 3), whose scene is known; regions are at most `most`, from 1."""
    values = picture.astype(np.float32) / np.float32(255)
    side = max(picture.shape[:2])
    labels = _ranked(scene, habits.flats == "subject-first", min(most, MOST_REGIONS))
    labels = smooth_labels(labels, round(_HAND * side))
    toned, flat = _cut_tones(values, labels, habits.tones)
    nearby = (2 * _NEARBY + 1, 2 * _NEARBY + 1, 1)
    return Study(
        picture=values,
        even=np.minimum(values, _blurred(values, _LIGHT_BLUR * side) + _LIGHT_STEP),
        labels=labels,
        flat=flat,
        toned=toned,
        outline=_outline(values, flat[labels], region_means(scene.labels, scene.saliency)[scene.labels]),
        dark=np.asarray(minimum_filter(values, nearby, mode="nearest"), np.float32) * _DARKER,
    )


def _ranked(scene: Scene, subject_first: bool, most: int) -> Int32:
    """Return labels in the order of filling, int32 (H, W); regions that follow each other are one if there are many."""
    order = scene.order
    if subject_first:
        order = np.concatenate([order[scene.subject[order]], order[~scene.subject[order]]])
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order)) * min(most, len(order)) // len(order)
    return rank[scene.labels]


def _brightness(values: Float32) -> Float32:
    red, green, blue = (values[:, :, channel] * weight for channel, weight in enumerate(_BRIGHTNESS))
    return np.asarray(red + green + blue, np.float32)


def _blurred(values: Float32, side: float) -> Float32:
    """Return the mean over about `side` pixels, taken twice, of float32 (H, W) or (H, W, 3)."""
    box = (max(round(side), 1),) * 2 + (1,) * (values.ndim - 2)
    return np.asarray(uniform_filter(uniform_filter(values, box, mode="nearest"), box, mode="nearest"), np.float32)


def _cut_tones(values: Float32, labels: Int32, tones: int) -> tuple[Float32, Float32]:
    """Return each region in `tones` tones of equal area, float32 (H, W, 3), and the lightest of each, (R, 3)."""
    flat_labels = labels.ravel()
    areas = np.bincount(flat_labels)
    # By region, in it from dark to light.
    order = np.lexsort((_blurred(_brightness(values), _TONE_BLUR * max(labels.shape)).ravel(), flat_labels))
    place = np.arange(labels.size) - (np.cumsum(areas) - areas)[flat_labels[order]]
    tone = np.empty(labels.size, np.int64)
    tone[order] = flat_labels[order] * tones + place * tones // areas[flat_labels[order]]
    count = np.maximum(np.bincount(tone, minlength=len(areas) * tones), 1)
    planes = [np.bincount(tone, values[:, :, c].ravel(), len(count)) / count for c in range(3)]
    means: Float32 = np.stack(planes, axis=1).astype(np.float32)
    return means[tone].reshape(values.shape), means.reshape(len(areas), tones, 3)[:, -1]


def _outline(values: Float32, flat: Float32, salient: npt.NDArray[np.float64]) -> Float32:
    """Return the plane whose edges are lines, float32 (H, W): what is seen, and silhouettes where something is seen."""
    plane, filled = _contrasting(values), _contrasting(flat)
    # What stands out becomes lighter still if it is light, and darker if it is dark.
    lighter = float((plane * (salient - salient.mean())).sum()) > 0
    added = _FLAT * (filled - plane) + (_SALIENT if lighter else -_SALIENT) * salient
    return np.asarray(plane + _busyness(plane) * added, np.float32)


def _contrasting(values: Float32) -> Float32:
    """Return brightness with some of the darkest channel, float32 (H, W): edges lie where only colours differ, too."""
    return np.asarray(np.float32(0.7) * _brightness(values) + np.float32(0.3) * values.min(axis=2), np.float32)


def _busyness(plane: Float32) -> Float32:
    """Return where a picture has edges or texture, float32 (H, W), 0 (smooth) to 1."""
    side = max(plane.shape)
    steps = np.abs(np.diff(plane, axis=0, append=plane[-1:])) + np.abs(np.diff(plane, axis=1, append=plane[:, -1:]))
    slope = _blurred(steps, _SLOPE_BLUR * side) * np.float32(side)
    return np.asarray(np.clip((slope - _SMOOTH) / (_BUSY - _SMOOTH), 0, 1), np.float32)
