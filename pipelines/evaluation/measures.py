"""All measures of a process by name, and what is needed to take them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from underpaint.pipelines.evaluation import changes, finishing, human, pictures, progress
from underpaint.pipelines.evaluation.progress import Curve, Frames
from underpaint.renderers.order.hops import hop_ratio

if TYPE_CHECKING:
    from underpaint.pipelines.evaluation.networks import MeasureNetworks

UInt8 = NDArray[np.uint8]

# Inverse Painting's own: a pixel has changed when its LPIPS to the frame before is larger.
LPIPS_CHANGED = 0.2


@dataclass(frozen=True)
class Measure:
    """How a measure is shown: `better` is `up`, `down`, or empty where more is neither better nor worse."""

    title: str
    better: str


MEASURES = {
    "mse": Measure("last frame: mean squared error", "down"),
    "l1": Measure("last frame: mean absolute error", "down"),
    "psnr": Measure("last frame: PSNR, dB", "up"),
    "ssim": Measure("last frame: SSIM", "up"),
    "lpips": Measure("last frame: LPIPS", "down"),
    "clip": Measure("last frame: CLIP similarity", "up"),
    "dino": Measure("last frame: DINO similarity", "up"),
    "blankness": Measure("first frame: spatial deviation", "down"),
    "mean_progress": Measure("mean progress", ""),
    "steps_towards": Measure("steps towards the last frame", "up"),
    "moving_away": Measure("changed pixels that move away", "down"),
    "kept": Measure("finished pixels that stay", "up"),
    "changed": Measure("canvas changed by a step", ""),
    "idle": Measure("steps that change nothing", "down"),
    "compactness": Measure("largest connected share of a step", ""),
    "spread": Measure("spread of a step", ""),
    "flicker": Measure("flicker of untouched pixels", "down"),
    "pace": Measure("people: share of the way done, .30 to .63", ""),
    "place": Measure("people: largest place of a step, .58 to .91", ""),
    "away": Measure("people: moves away, .03 to .23", ""),
    "twice": Measure("people: painted twice, .15 to .70", ""),
    "bare": Measure("people: bare at half time, .05 to .70", ""),
    "lag": Measure("people: coarse before fine", ""),
    "human": Measure("people: inside all bands", "up"),
    "hop": Measure("hop to the next stroke, of a random order's", ""),
    "profile_distance": Measure("reference: distance of profiles", "down"),
    "progress_distance": Measure("reference: distance of progress", "down"),
    "changed_iou": Measure("reference: IoU of changes", "up"),
    "lpips_profile_distance": Measure("reference: distance of LPIPS profiles", "down"),
    "lpips_changed_iou": Measure("reference: IoU of LPIPS changes", "up"),
    "fid": Measure("last frames: FID", "down"),
}


def of_picture(picture: UInt8, target: UInt8, networks: MeasureNetworks) -> dict[str, float]:
    """Measure the last frame against the target, both uint8 (H, W, 3)."""
    values = {
        "mse": pictures.mse(picture, target),
        "l1": pictures.l1(picture, target),
        "psnr": pictures.psnr(picture, target),
        "ssim": pictures.ssim(picture, target),
    }
    if networks.lpips is not None:
        values["lpips"] = networks.lpips.distance(picture, target)
    if networks.clip is not None:
        values["clip"] = networks.clip.similarity(picture, target)
    if networks.dino is not None:
        values["dino"] = networks.dino.similarity(picture, target)
    return values


def of_process(frames: Frames, threshold: float) -> dict[str, float]:
    """Measure a process on its own, uint8 (n, H, W, 3)."""
    return {
        "blankness": pictures.blankness(frames[0]),
        "mean_progress": progress.mean_progress(frames),
        "steps_towards": progress.steps_towards(frames),
        "moving_away": finishing.moving_away(frames, threshold),
        "kept": finishing.kept(frames, threshold),
        "changed": changes.changed_share(frames, threshold),
        "idle": changes.idle_share(frames, threshold),
        "compactness": changes.compactness(frames, threshold),
        "spread": changes.spread(frames, threshold),
        "flicker": changes.flicker(frames, threshold),
    }


def of_order(frames: Frames, renderer: str | None, strokes: NDArray[np.float32] | None) -> dict[str, float]:
    """Measure whether a process goes the way of people's, by measures that stand a camera.

    Args:
        frames: uint8 (n, H, W, 3); with fewer than two steps between frames with marks nothing is measured in them.
        renderer: the medium, if it is known: what its invariant forbids isn't asked of it.
        strokes: float32 (N, 2 or more), the program's, if there is one; with fewer than two there is no way.
    """
    values: dict[str, float] = {}
    if len(seen := human.marked(frames)) > 2:
        values |= human.of_people(seen, human.FRAMES)
        values["human"] = float(human.is_human(values, human.WITHOUT.get(renderer or "", frozenset())))
    if strokes is not None and len(strokes) > 1:
        values["hop"] = hop_ratio(strokes)
    return values


def against_reference(
    frames: Frames, reference: Frames, threshold: float, networks: MeasureNetworks
) -> dict[str, float]:
    """Measure a process against another of the same picture and size, uint8 (n, H, W, 3) and (m, H, W, 3)."""
    ours, theirs = progress.profile(frames), progress.profile(reference)
    values = {
        "profile_distance": progress.curve_distance(ours, theirs),
        "progress_distance": progress.curve_distance(progress.progress(ours), progress.progress(theirs)),
        "changed_iou": changes.changed_iou(frames, reference, threshold),
    }
    if networks.lpips is not None:
        values["lpips_profile_distance"] = progress.curve_distance(
            lpips_profile(frames, networks), lpips_profile(reference, networks)
        )
        values["lpips_changed_iou"] = lpips_iou(frames, reference, networks)
    return values


def lpips_profile(frames: Frames, networks: MeasureNetworks) -> Curve:
    """Return LPIPS of each frame to the last one, float64 (n,): the Perceptual Distance Profile of Loomis Painter."""
    assert networks.lpips is not None
    return np.array([networks.lpips.distance(frame, frames[-1]) for frame in frames])


def lpips_iou(frames: Frames, reference: Frames, networks: MeasureNetworks) -> float:
    """Return `changes.changed_iou` by Inverse Painting's threshold: LPIPS at the pixel above 0.2."""
    assert networks.lpips is not None
    difference = networks.lpips.difference
    count = min(len(frames), len(reference))
    ours, theirs = progress.nearest(frames, count), progress.nearest(reference, count)
    overlaps = [
        changes.overlap(
            difference(ours[step], ours[step + 1]) > LPIPS_CHANGED,
            difference(theirs[step], theirs[step + 1]) > LPIPS_CHANGED,
        )
        for step in range(count - 1)
    ]
    return float(np.mean(overlaps))
