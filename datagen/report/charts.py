"""Charts as inline SVG, without a script; colours come from the page's style."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import NDArray

from underpaint.datagen.report.figures import Band, Histogram
from underpaint.datagen.report.rows import colour_of

# The user units of every chart; the page scales them to its columns.
WIDTH, HEIGHT = 480, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 38, 58, 10, 34
_LABEL_GAP = 13.0  # between the names at the ends of curves


@dataclass(frozen=True)
class _Frame:
    """The plane of a chart, from data to user units."""

    x0: float
    x1: float
    y0: float
    y1: float
    width: float = WIDTH
    right: float = _RIGHT

    def x(self, value: float) -> float:
        return _LEFT + (value - self.x0) / (self.x1 - self.x0) * (self.width - _LEFT - self.right)

    def y(self, value: float) -> float:
        return HEIGHT - _BOTTOM - (value - self.y0) / (self.y1 - self.y0) * (HEIGHT - _TOP - _BOTTOM)


def bands_chart(bands: Sequence[Band], *, unit: str, title: str) -> Markup:
    """Draw medians as lines in bands that hold the middle 80 %, over progress from 0 to 100 %.

    Args:
        bands: one curve each; values that are infinite aren't drawn.
        unit: of the values.
        title: read out to people who can't see the chart.
    """
    values = np.concatenate([part[np.isfinite(part)] for band in bands for part in (band.low, band.middle, band.high)])
    ticks = _ticks(float(values.min(initial=0)), float(values.max(initial=1)))
    frame = _Frame(0, 1, ticks[0], ticks[-1])
    parts = [
        _grid(frame, ticks, unit),
        _under(frame, [(0, "0"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (1, "100 %")]),
    ]
    ends: list[tuple[float, str]] = []
    for band in bands:
        drawn = np.isfinite(band.middle)
        if not drawn.any():
            continue
        upper = np.where(np.isfinite(band.high), band.high, ticks[-1])
        area = [*_points(frame, band.x[drawn], upper[drawn]), *reversed(_points(frame, band.x[drawn], band.low[drawn]))]
        line = _points(frame, band.x[drawn], band.middle[drawn])
        parts.append(
            Markup('<g class="series g{}" data-group="{}"><polygon points="{}"/><polyline points="{}"/></g>').format(
                colour_of(band.group), band.group, " ".join(area), " ".join(line)
            )
        )
        ends.append((frame.y(float(band.middle[drawn][-1])), band.group))
    for y, name in _apart(ends):
        label = '<text class="name g{}" data-group="{}" x="{}" y="{:.1f}">{}</text>'
        parts.append(Markup(label).format(colour_of(name), name, WIDTH - _RIGHT + 7, y + 4, name))
    return _svg(parts, WIDTH, title)


def histogram_chart(histogram: Histogram) -> Markup:
    """Draw stacked bars, the groups one upon the other."""
    total = np.sum(list(histogram.counts.values()), axis=0)
    ticks = _ticks(0, float(total.max()), 4)
    edges = histogram.edges
    frame = _Frame(float(edges[0]), float(edges[-1]), 0, ticks[-1], width=WIDTH * 0.75, right=12)
    parts, floor = [_grid(frame, ticks, "")], np.zeros(len(total))
    inside = [tick for tick in _ticks(float(edges[0]), float(edges[-1]), 4) if edges[0] <= tick <= edges[-1]]
    parts.append(_under(frame, [(tick, _number(tick)) for tick in inside]))
    for group, counts in histogram.counts.items():
        bars = "".join(
            f"M{frame.x(edges[i]) + 0.5:.1f} {frame.y(floor[i]):.1f}V{frame.y(floor[i] + counts[i]):.1f}"
            f"H{frame.x(edges[i + 1]) - 0.5:.1f}V{frame.y(floor[i]):.1f}Z"
            for i in np.flatnonzero(counts)
        )
        parts.append(Markup('<path class="bars g{}" data-group="{}" d="{}"/>').format(colour_of(group), group, bars))
        floor = floor + counts
    return _svg(parts, WIDTH * 0.75, histogram.name)


def _svg(parts: Sequence[Markup], width: float, title: str) -> Markup:
    opening = Markup('<svg viewBox="0 0 {:g} {}" role="img" aria-label="{}">').format(width, HEIGHT, title)
    return opening + Markup("").join(parts) + Markup("</svg>")


def _grid(frame: _Frame, ticks: Sequence[float], unit: str) -> Markup:
    right, drawn = frame.width - frame.right, Markup("")
    for tick in ticks:
        y = frame.y(tick)
        text = f"{_number(tick)} {unit}" if unit and tick == ticks[-1] else _number(tick)
        drawn += Markup('<line class="grid" x1="{}" x2="{:g}" y1="{:.1f}" y2="{:.1f}"/>').format(_LEFT, right, y, y)
        # The topmost says the unit, and may run into the plane.
        anchor, x = ("start", 2) if unit and tick == ticks[-1] else ("end", _LEFT - 7)
        drawn += Markup('<text x="{}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y + 4, anchor, text)
    return drawn


def _under(frame: _Frame, marks: Sequence[tuple[float, str]]) -> Markup:
    return Markup("").join(
        Markup('<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>').format(frame.x(at), HEIGHT - 12, text)
        for at, text in marks
    )


def _points(frame: _Frame, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> list[str]:
    return [f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in zip(xs, ys, strict=True)]


def _apart(ends: Sequence[tuple[float, str]]) -> Iterator[tuple[float, str]]:
    """Push labels down until none covers another, and up again from below the plane."""
    placed: list[float] = []
    for y, _ in sorted(ends):
        placed.append(max(y, placed[-1] + _LABEL_GAP if placed else y))
    floor = float(HEIGHT - _BOTTOM)
    for number in reversed(range(len(placed))):
        floor = placed[number] = min(placed[number], floor)
        floor -= _LABEL_GAP
    return zip(placed, (name for _, name in sorted(ends)), strict=True)


def _ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers from at or below `low` to at or above `high`, about `most` of them."""
    rough = max(high - low, 1e-9) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * number for number in range(first, max(last, first + 1) + 1)]


def _number(value: float) -> str:
    return str(escape(f"{value:,.0f}" if value == round(value) else f"{value:g}"))
