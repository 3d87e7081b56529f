"""Things that grow or live: tree, flower, apple, mushroom, bird, cat; drawn by a `Pen`."""

from __future__ import annotations

import math
from collections.abc import Callable

from underpaint.datagen.scenes.pen import CREAM, DARK, GLOW, LEAF, WOOD, Pen
from underpaint.datagen.scenes.shapes import band, oval, smooth
from underpaint.datagen.scenes.words import Kind

_BEAK = (0.93, 0.62, 0.16)


def tree(pen: Pen) -> None:
    """Draw a tree with a round crown of its colour."""
    lean = pen.between(-0.03, 0.03)
    pen.fill(band([(0, -0.01), (0.01, 0.25), (lean, 0.6)], 0.15, 0.05), colour=WOOD, shade="side")
    pen.fill(band([(0.01, 0.28), (0.12, 0.42), (0.2, 0.55)], 0.05, 0.02), colour=WOOD, tone=0.85)
    pen.fill(band([(0.0, 0.26), (-0.12, 0.38), (-0.2, 0.52)], 0.05, 0.02), colour=WOOD, tone=0.9)
    # A ring of puffs in shadow, smaller ones in the light over them.
    puffs = [(0.30 * math.cos(a), 0.66 + 0.22 * math.sin(a)) for a in (2 * math.pi * n / 9 for n in range(9))]
    shadowed = [oval(x + lean, y, pen.between(0.15, 0.19), pen.between(0.13, 0.17)) for x, y in puffs]
    pen.fill(*shadowed, oval(lean, 0.66, 0.3, 0.22), tone=0.68, grain=0.2)
    light = -pen.lit_side(-1.0)
    for tone, shift, count, size in ((0.86, 0.04, 16, 0.105), (1.0, 0.08, 15, 0.085), (1.18, 0.13, 9, 0.06)):
        dabs = []
        for _ in range(count):
            angle, far = pen.between(0, 2 * math.pi), math.sqrt(pen.between(0, 1))
            x, y = 0.34 * far * math.cos(angle), 0.27 * far * math.sin(angle)
            dabs.append(oval(lean + x * 0.9 + light * shift, 0.665 + y * 0.9 + shift * 0.8, size, size * 0.8))
        pen.fill(*dabs, tone=tone, grain=0.15)


def flower(pen: Pen) -> None:
    """Draw a flower with eight petals, taller than any that grows."""
    bend = pen.between(-0.05, 0.05)
    pen.fill(band([(0, -0.01), (bend, 0.3), (0, 0.62)], 0.045, 0.035), colour=LEAF)
    for side in (-1, 1):
        y = 0.13 + 0.06 * side
        leaf = smooth([(0, y), (side * 0.14, y + 0.12), (side * 0.30, y + 0.12), (side * 0.18, y + 0.01)])
        pen.fill(leaf, colour=LEAF, tone=1.12 if pen.lit_side(side) > 0 else 0.85, shade="fall", depth=0.15)
    turn = pen.between(0, math.pi / 4)
    for ring, (out, long, wide, tone) in enumerate(((0.2, 0.17, 0.1, 0.80), (0.16, 0.145, 0.075, 1.0))):
        for n in range(8):
            angle = turn + (n + ring / 2) * math.pi / 4
            x, y = out * math.cos(angle), 0.68 + out * math.sin(angle)
            lit = 0.09 * (pen.lit_side(math.cos(angle)) + math.sin(angle))
            pen.fill(oval(x, y, long, wide, angle), tone=tone + lit, grain=0.12)
    middle = DARK if pen.colour[0] > 0.9 and pen.colour[2] < 0.3 else GLOW
    pen.fill(oval(0, 0.68, 0.105, 0.105), colour=middle, tone=0.9, shade="round", depth=0.3)


def apple(pen: Pen) -> None:
    """Draw an apple."""
    body = smooth(
        [
            (0, 0.02),
            (-0.17, -0.01),
            (-0.38, 0.16),
            (-0.46, 0.46),
            (-0.36, 0.74),
            (-0.16, 0.82),
            (0, 0.76),
            (0.16, 0.82),
            (0.36, 0.74),
            (0.46, 0.46),
            (0.38, 0.16),
            (0.17, -0.01),
        ]
    )
    pen.fill(body, shade="round", depth=0.5, grain=0.1)
    pen.fill(oval(0, 0.745, 0.15, 0.045), tone=0.62)
    pen.fill(band([(0, 0.73), (0.02, 0.88), (0.08, 0.98)], 0.05, 0.035), colour=WOOD, tone=0.8)
    pen.fill(smooth([(0.05, 0.86), (0.17, 0.99), (0.38, 0.98), (0.24, 0.85)]), colour=LEAF, shade="fall", depth=0.2)
    shine = -0.2 if pen.lit_side(-1) > 0 else 0.2
    pen.fill(oval(shine, 0.58, 0.075, 0.12, 0.35 if shine < 0 else -0.35), tone=1.55, opacity=0.75)


def mushroom(pen: Pen) -> None:
    """Draw a mushroom with pale spots on its cap."""
    stem = smooth([(-0.16, 0.0), (-0.11, 0.3), (-0.13, 0.52), (0.13, 0.52), (0.11, 0.3), (0.16, 0.0)])
    pen.fill(stem, colour=CREAM, shade="side", depth=0.2)
    pen.fill(oval(0, 0.47, 0.47, 0.085), colour=CREAM, tone=0.72)
    cap = smooth(
        [
            (-0.54, 0.46),
            (-0.50, 0.68),
            (-0.30, 0.90),
            (0, 0.98),
            (0.30, 0.90),
            (0.50, 0.68),
            (0.54, 0.46),
            (0.28, 0.50),
            (0, 0.52),
            (-0.28, 0.50),
        ]
    )
    pen.fill(cap, shade="round", depth=0.42)
    is_pale = min(pen.colour) > 0.8
    for x, y, size in (
        (-0.29, 0.68, 0.075),
        (0.02, 0.80, 0.09),
        (0.29, 0.66, 0.08),
        (-0.06, 0.61, 0.05),
        (0.42, 0.56, 0.04),
    ):
        pen.fill(oval(x, y, size, size * 0.8), colour=(0.72, 0.66, 0.60) if is_pale else CREAM, grain=0.03)
    pen.fill(
        smooth([(-0.14, 0.36), (0, 0.40), (0.14, 0.36), (0.17, 0.29), (0, 0.32), (-0.17, 0.29)]), colour=CREAM, tone=0.9
    )


def bird(pen: Pen) -> None:
    """Draw a plump bird that stands."""
    pen.fill(
        band([(-0.03, 0.2), (-0.03, 0.0), (0.07, -0.01)], 0.03),
        band([(0.1, 0.2), (0.1, 0.0), (0.2, -0.01)], 0.03),
        colour=_BEAK,
        tone=0.7,
    )
    pen.fill([(-0.34, 0.40), (-0.78, 0.66), (-0.74, 0.50), (-0.82, 0.46), (-0.34, 0.24)], tone=0.72)
    body = smooth(
        [
            (-0.46, 0.36),
            (-0.32, 0.20),
            (-0.02, 0.12),
            (0.26, 0.20),
            (0.40, 0.42),
            (0.44, 0.66),
            (0.52, 0.80),
            (0.44, 0.96),
            (0.26, 1.0),
            (0.10, 0.92),
            (0.03, 0.76),
            (-0.12, 0.62),
        ]
    )
    pen.fill(body, shade="round", depth=0.34, grain=0.12)
    pen.fill(
        smooth([(0.24, 0.24), (0.38, 0.44), (0.38, 0.60), (0.20, 0.46), (0.10, 0.28)]),
        tone=1.35,
        opacity=0.85,
        grain=0.12,
    )
    pen.fill(
        smooth([(0.14, 0.62), (0.18, 0.42), (-0.06, 0.26), (-0.56, 0.32), (-0.30, 0.46), (-0.08, 0.62)]),
        tone=0.70,
        grain=0.14,
    )
    pen.fill(band([(0.08, 0.48), (-0.14, 0.36), (-0.42, 0.34)], 0.03, 0.015), tone=1.05)
    pen.fill([(0.48, 0.86), (0.70, 0.79), (0.49, 0.75)], colour=_BEAK)
    pen.fill(oval(0.36, 0.84, 0.05, 0.05), colour=CREAM)
    pen.fill(oval(0.37, 0.84, 0.032, 0.032), colour=DARK, tone=0.5)


def cat(pen: Pen) -> None:
    """Draw a cat that sits."""
    pen.fill(band([(0.18, 0.06), (0.46, 0.05), (0.58, 0.22), (0.48, 0.40), (0.54, 0.50)], 0.11, 0.07), tone=0.85)
    body = smooth(
        [
            (-0.28, 0.0),
            (-0.30, 0.2),
            (-0.20, 0.46),
            (-0.16, 0.64),
            (0.14, 0.64),
            (0.20, 0.46),
            (0.34, 0.22),
            (0.34, 0.03),
            (0.1, -0.02),
        ]
    )
    pen.fill(body, shade="side", depth=0.22, grain=0.12)
    pen.fill(
        smooth([(-0.13, 0.50), (0.10, 0.50), (0.06, 0.2), (-0.02, 0.12), (-0.09, 0.2)]),
        tone=1.4,
        opacity=0.8,
        grain=0.12,
    )
    for x in (-0.15, 0.09):
        pen.fill(oval(x, 0.035, 0.10, 0.055), tone=1.12)
    for side in (-1, 1):
        pen.fill([(side * 0.25 - 0.01, 0.76), (side * 0.245 - 0.01, 1.04), (side * 0.05 - 0.01, 0.90)], tone=0.9)
        pen.fill(
            [(side * 0.21 - 0.01, 0.80), (side * 0.215 - 0.01, 0.97), (side * 0.10 - 0.01, 0.88)],
            colour=(0.90, 0.62, 0.60),
        )
    pen.fill(
        smooth(
            [
                (-0.28, 0.74),
                (-0.20, 0.58),
                (-0.01, 0.53),
                (0.18, 0.58),
                (0.26, 0.74),
                (0.17, 0.89),
                (-0.01, 0.92),
                (-0.19, 0.89),
            ]
        ),
        shade="round",
        depth=0.28,
        grain=0.1,
    )
    pen.fill(oval(-0.01, 0.635, 0.10, 0.07), tone=1.4, opacity=0.8)
    for x in (-0.12, 0.10):
        pen.fill(oval(x, 0.76, 0.048, 0.052), colour=(0.80, 0.86, 0.40))
        pen.fill(oval(x, 0.76, 0.02, 0.046), colour=DARK, tone=0.4)
    pen.fill([(-0.045, 0.69), (0.025, 0.69), (-0.01, 0.65)], colour=(0.80, 0.42, 0.42))


GROWN: dict[Kind, Callable[[Pen], None]] = {
    "tree": tree,
    "flower": flower,
    "apple": apple,
    "mushroom": mushroom,
    "bird": bird,
    "cat": cat,
}
