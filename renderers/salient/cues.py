"""Cues: what speaks for and against each superpixel being part of the object, as numbers of about -1 to 1.

In the style of Jiang et al. (CVPR 2013), who let a regression weigh such signs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from underpaint.renderers.salient.background import connectivity, falloff, least_cost, path_lengths
from underpaint.renderers.segment.contrast import CHANNEL_STARTS
from underpaint.renderers.segment.graph import RegionGraph, histogram_distances
from underpaint.renderers.strokes.tiles import Float32

Int32 = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]

# How far a colour contrast reaches, as a share of the picture's side (Zhu et al., CVPR 2014).
_NEARBY = 0.25
# Standard deviation, in sides of the picture, of where photographers and painters put their object.
_CENTRE = 0.3
# CIELAB units that count as one, and the greatest strength of a boundary.
_COLOUR = 50.0
_STRONGEST = 12.0
# A region that takes an eighth of both the left and the right edge is a band across the picture.
_BAND = 8.0


def cues(lab: Float32, labels: Int32, graph: RegionGraph, parts: tuple[Int32, Int32]) -> dict[str, Float64]:
    """Return the cues by name, float64 (R,) each.

    Args:
        lab: float32 (3, H, W), the picture.
        labels: int32 (H, W), its superpixels 0..R-1, two at least.
        graph: their graph.
        parts: int32 (R,) each, the region that each superpixel is in, at a coarse and a fine cut.
    """
    height, width = labels.shape
    areas = graph.areas_R.astype(np.float64)
    shares = areas / areas.sum()
    touching = graph.lengths_RR > 0
    rows = np.broadcast_to(((np.arange(height) + 0.5) / height)[:, None], labels.shape)
    columns = np.broadcast_to((np.arange(width) + 0.5) / width, labels.shape)
    colours, places = _means(labels, *lab), _means(labels, rows, columns)
    # Objects stand on the lower edge (busts, animals), so touching it says half as much.
    sides = ((labels[0], 1.0), (labels[:, 0], 1.0), (labels[:, -1], 1.0), (labels[-1], 0.5))
    border = np.sum([weight * np.bincount(side, minlength=len(areas)) for side, weight in sides], axis=0)
    outer = border > 0
    differences, unlike = _distances(colours), histogram_distances(graph).astype(np.float64)
    paths = path_lengths(touching, differences, outer)
    background = connectivity(paths, border, areas)
    nearby = falloff(_distances(places) ** 2 / (2 * _NEARBY**2))
    # Equation 8 of Zhu et al.: contrast with the background, by nearness.
    foreground = _stretch((differences * nearby * (background * shares)).sum(axis=1))
    centre = falloff(((places - 0.5) ** 2).sum(axis=1) / (2 * _CENTRE**2))
    foreground = foreground * centre / max(float((foreground * centre).max()), 1e-9)
    cost = _stretch(least_cost(background, foreground, shares, touching, differences))
    grain = graph.histograms_RB[:, CHANNEL_STARTS[3] :] @ np.linspace(0, 1, CHANNEL_STARTS[4] - CHANNEL_STARTS[3])
    grain = grain / areas
    chroma = np.sqrt((colours[:, 1:] ** 2).sum(axis=1))
    found = {
        "background": background,
        "cost": cost,
        "path": _stretch(paths[:, outer].min(axis=1)),
        "centre": centre,
        "down": places[:, 0],
        "unlike all": _stretch(unlike @ shares),
        "unlike border": _stretch(unlike @ (border / border.sum())),
        "least unlike border": _stretch(unlike[:, outer].min(axis=1)),
        "unlike nearby": _stretch((unlike * nearby) @ shares / (nearby @ shares)),
        "grain": grain - shares @ grain,
        "light": (colours[:, 0] - shares @ colours[:, 0]) / _COLOUR,
        "red": (colours[:, 1] - shares @ colours[:, 1]) / _COLOUR,
        "chroma": (chroma - shares @ chroma) / _COLOUR,
    }
    for name, part in zip(("coarse", "fine"), parts, strict=True):
        inherited = _region_cues(graph, part, border, np.column_stack([places, cost, grain]))
        inherited["across"] = _across(part[labels])[part]
        found |= {f"{cue} of {name} region": values for cue, values in inherited.items()}
    return found


def _region_cues(graph: RegionGraph, part: Int32, border: Float64, fields: Float64) -> dict[str, Float64]:
    """Return what each superpixel inherits from the region of a cut that it is in; `fields`: place, cost, grain."""
    joined = graph.joined(part)
    areas = joined.areas_R.astype(np.float64)
    lengths = np.maximum(joined.lengths_RR.sum(axis=1), 1)
    row, column, cost, grain = (np.bincount(part, field * graph.areas_R) / areas for field in fields.T)
    values = {
        "border": np.bincount(part, border) / np.sqrt(areas),
        "fence": joined.strengths_RR.sum(axis=1) / lengths / _STRONGEST,
        "unlikeness": (histogram_distances(joined) * joined.lengths_RR).sum(axis=1) / lengths,
        "off centre": np.sqrt((row - 0.5) ** 2 + (column - 0.5) ** 2),
        "cost": cost,
        "grain": grain,
    }
    return {name: np.asarray(value, np.float64)[part] for name, value in values.items()}


def _across(labels: Int32) -> Float64:
    """Return how far each region of (H, W) reaches from the left edge to the right, as ground does: (R,), 0..1."""
    sides = [np.bincount(labels[:, column], minlength=int(labels.max()) + 1) / len(labels) for column in (0, -1)]
    return np.asarray(np.minimum(np.minimum(sides[0], sides[1]) * _BAND, 1))


def _means(labels: Int32, *fields: npt.NDArray[np.floating]) -> Float64:
    """Return the mean of each of F fields (H, W) over each superpixel, (R, F)."""
    flat = labels.ravel()
    return np.stack([np.bincount(flat, field.ravel()) for field in fields], axis=1) / np.bincount(flat)[:, None]


def _distances(points: Float64) -> Float64:
    return np.asarray(np.sqrt(((points[:, None] - points) ** 2).sum(axis=2)))


def _stretch(values: Float64) -> Float64:
    """Return the values stretched to 0..1; all 0 if they are equal."""
    return np.asarray((values - values.min()) / max(float(np.ptp(values)), 1e-9))
