"""Strokes as an SVG document: each a filled outline, its opacity a gradient along the chord, its edge a blur."""

from __future__ import annotations

import math

import numpy as np

from underpaint.renderers.strokes.columns import A0, A1, BLUE, EDGE, R0, R1, RED, control_points
from underpaint.renderers.strokes.tiles import Float32

# Straight pieces per side of an outline: the curve's bend is small, and this keeps the error under a tenth of a pixel.
_PIECES = 8
# Edges up to this width in pixels are left to the viewer's anti-aliasing.
_SHARP = 1.5


def _rgb(colour: Float32) -> str:
    return "rgb({},{},{})".format(*(round(255 * float(c)) for c in colour))


def _outline(points: Float32, start_radius: float, end_radius: float) -> str:
    """Return the path around a stroke: out along one side, round cap, back along the other, round cap."""
    t = np.linspace(0.0, 1.0, _PIECES + 1)[:, None]
    curve = (1 - t) ** 2 * points[0] + 2 * t * (1 - t) * points[1] + t**2 * points[2]
    tangent = 2 * (1 - t) * (points[1] - points[0]) + 2 * t * (points[2] - points[1])
    length = np.linalg.norm(tangent, axis=1, keepdims=True)
    # A dot has no direction; any will do.
    tangent = np.where(length > 1e-9, tangent / np.maximum(length, 1e-9), (1.0, 0.0))
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    radii = start_radius + (end_radius - start_radius) * t
    left, right = curve + radii * normal, (curve - radii * normal)[::-1]
    path = "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in left)
    # Rounded down: viewers widen an arc that is too small to a semicircle, one too large would be flatter.
    start_cap, end_cap = (f"{math.floor(100 * radius) / 100:.2f}" for radius in (start_radius, end_radius))
    path += f"A{end_cap},{end_cap},0,0,0,{right[0][0]:.2f},{right[0][1]:.2f}L"
    path += "L".join(f"{x:.2f},{y:.2f}" for x, y in right[1:])
    return path + f"A{start_cap},{start_cap},0,0,0,{left[0][0]:.2f},{left[0][1]:.2f}Z"


def strokes_to_svg(strokes: Float32, size: tuple[int, int], ground: Float32) -> str:
    """Return an SVG document of strokes (N, 13) on a canvas (height, width) of colour `ground` (3,)."""
    height, width = size
    points = control_points(strokes.astype(np.float64))
    definitions, paths = [], []
    for n, stroke in enumerate(strokes):
        (x1, y1), _, (x2, y2) = points[n]
        colour = _rgb(stroke[RED : BLUE + 1])
        definitions.append(
            f'<linearGradient id="s{n}" gradientUnits="userSpaceOnUse" '
            f'x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}">'
            f'<stop offset="0" stop-color="{colour}" stop-opacity="{stroke[A0]:.3f}"/>'
            f'<stop offset="1" stop-color="{colour}" stop-opacity="{stroke[A1]:.3f}"/></linearGradient>'
        )
        outline = _outline(points[n], float(stroke[R0]), float(stroke[R1]))
        blur = ""
        if stroke[EDGE] > _SHARP:
            # A Gaussian of the same variance as the box that a soft edge is filtered with.
            definitions.append(
                f'<filter id="e{n}" x="-1" y="-1" width="3" height="3" color-interpolation-filters="sRGB">'
                f'<feGaussianBlur stdDeviation="{stroke[EDGE] / math.sqrt(12):.2f}"/></filter>'
            )
            blur = f' filter="url(#e{n})"'
        paths.append(f'<path fill="url(#s{n})"{blur} d="{outline}"/>')
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {box}>',
            "<defs>",
            *definitions,
            "</defs>",
            f'<rect width="{width}" height="{height}" fill="{_rgb(ground)}"/>',
            *paths,
            "</svg>\n",
        ]
    )
