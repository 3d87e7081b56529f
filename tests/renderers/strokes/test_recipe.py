import numpy as np
import pytest

from underpaint.renderers.strokes.recipe import (
    DRAFT,
    Finish,
    FitEffort,
    Round,
    canvas_scale,
    high_effort,
    phase_of_canvas,
    place_coarse_to_fine,
)
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.shapes import Brush


def test_canvases_double_up_to_the_whole() -> None:
    assert [canvas_scale(canvas, 4) for canvas in range(4)] == [1 / 8, 1 / 4, 1 / 2, 1]


def test_strokes_are_placed_coarse_to_fine() -> None:
    brushes, search = [Brush(radius_min=3), Brush(radius_min=2), Brush()], Search(candidates=8)
    stages = place_coarse_to_fine((1, 2, 5), brushes.__getitem__, search)
    assert [stage.scale for stage in stages] == [1 / 4, 1 / 2, 1]
    assert [stage.share for stage in stages] == [1, 2, 5]
    assert [stage.brush for stage in stages] == brushes
    assert all(stage.search is search for stage in stages)


def test_strokes_of_two_canvases_are_layout_of_two_shapes_and_the_rest_details() -> None:
    assert phase_of_canvas(np.arange(9)).tolist() == [0, 0, 1, 1, 2, 2, 2, 2, 2]


def test_a_round_replaces_then_refines() -> None:
    search, brush = Search(climbs=5), Brush(radius_min=2)
    rounds = (
        Round(replace=0.3, replace_scale=0.5, refine_scale=0.25, steps=7, rate_end=0.2),
        Round(refine_scale=1.0, steps=9, rate_end=0.1),
    )
    effort = FitEffort(placing=Search(), replacing=search, first_steps=4, rounds=rounds)
    first, replace, refine, last = Finish(brush=brush, thinnest=0.8, opacity_min=0.6).rounds(effort)
    assert (replace.scale, replace.replace, replace.search, replace.refinement) == (0.5, 0.3, search, None)
    assert [stage.scale for stage in (first, refine, last)] == [0.5, 0.25, 1.0]
    assert all(stage.brush is brush for stage in (first, replace, refine, last))
    refinements = [stage.refinement for stage in (first, refine, last)]
    assert [(r.steps, r.rate_end, r.opacity_min) for r in refinements if r] == [
        (4, 0.3, 0.6),
        (7, 0.2, 0.6),
        (9, 0.1, 0.6),
    ]
    # The thinnest stroke is as thin on every canvas.
    assert [r.radius_min for r in refinements if r] == pytest.approx([0.4, 0.2, 0.8])


def test_high_is_more_work_than_draft() -> None:
    high = high_effort(40)
    assert len(high.rounds) == 7 > len(DRAFT.rounds)
    assert high.placing.candidates > DRAFT.placing.candidates
    assert high.rounds[-1].refine_scale == 1.0
