import dataclasses

import numpy as np

from underpaint.renderers.illustration.habits import DrawingHabits, IllustrationOptions
from underpaint.renderers.illustration.layers import BLEND, ERASE, LAYER, LINE, SKETCH
from underpaint.renderers.illustration.lines import line_strokes, over_sketch, sketch_strokes
from underpaint.renderers.strokes.columns import A0, BLUE, BOW, CX, CY, R0, RED, THETA

HABITS = DrawingHabits.of(IllustrationOptions(roughness=0.5, line_weight=1.0, line_colour="black"), 0)
SIDE, RADIUS = 160, 50


def disc() -> np.ndarray:
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    return (0.2 + 0.6 * (np.hypot(x - SIDE / 2, y - SIDE / 2) < RADIUS)).astype(np.float32)


def off(strokes: np.ndarray) -> np.ndarray:
    """How far the middles of strokes lie from the disc's outline."""
    x = strokes[:, CX] - strokes[:, BOW] * np.sin(strokes[:, THETA])
    y = strokes[:, CY] + strokes[:, BOW] * np.cos(strokes[:, THETA])
    return np.abs(np.hypot(x - SIDE / 2, y - SIDE / 2) - RADIUS)


def random() -> np.random.Generator:
    return np.random.default_rng(4)


def test_the_clean_line_follows_what_the_sketch_only_searches_for() -> None:
    dark = np.full((SIDE, SIDE, 3), 0.2, np.float32)
    line = line_strokes(disc(), dark, 40, HABITS, random())
    sketch = sketch_strokes(disc(), 40, dataclasses.replace(HABITS, roughness=1.0), random())
    assert 4 <= len(line) <= 40
    assert 4 <= len(sketch) <= 40
    assert off(line).max() < 4
    assert off(line).mean() < off(sketch).mean()
    assert (line[:, LAYER] == LINE).all()
    assert (sketch[:, LAYER] == SKETCH).all()


def test_a_rougher_hand_draws_lines_again_and_farther_off() -> None:
    tidy, rough = (sketch_strokes(disc(), 60, dataclasses.replace(HABITS, roughness=r), random()) for r in (0.0, 1.0))
    assert len(rough) > len(tidy)
    assert off(rough).mean() > off(tidy).mean() + 0.2


def test_habits_decide_weight_and_colour_of_the_line() -> None:
    dark = np.zeros((SIDE, SIDE, 3), np.float32)
    dark[..., 0] = 0.5
    lines = {
        name: line_strokes(disc(), dark, 40, dataclasses.replace(HABITS, **given), random())
        for name, given in {
            "thin": {"line_weight": 0.5}, "thick": {"line_weight": 2.0}, "local": {"line_colour": "local"}
        }.items()
    }  # fmt: skip
    assert np.isclose(lines["thick"][:, R0].sum(), 4 * lines["thin"][:, R0].sum(), rtol=0.3)
    local, black = (lines[name][:, RED : BLUE + 1].mean(axis=0) for name in ("local", "thin"))
    assert local[0] > 0.4 > local[1] + 0.3
    assert black.max() < 0.3


def test_the_sketch_fades_before_the_line_and_is_gone_after_it() -> None:
    line = line_strokes(disc(), np.zeros((SIDE, SIDE, 3), np.float32), 40, HABITS, random())
    both = over_sketch(line, SIDE, SIDE)
    assert (both[1:-1] == line).all()
    assert (both[[0, -1], BLEND] == ERASE).all()
    assert both[0, A0] < both[-1, A0] == 1
