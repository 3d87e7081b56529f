from pathlib import Path

import numpy as np
import pytest

from underpaint import renderers
from underpaint.datagen.format.sample import Sample
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.painting.painted import make_samples
from underpaint.datagen.painting.painter import PaintingMaker, try_out, with_options


def test_a_painter_paints_the_pictures_of_its_source(configure, tmp_path, monkeypatch):
    config = with_options(configure(Path("out")))
    painter = PaintingMaker(config)
    source = next(painter.sources())
    made, same = (next(maker) for maker in (painter.make(source, Stopwatch()), make_samples(source, config)))
    assert isinstance(made, Sample)
    assert made == same
    monkeypatch.chdir(tmp_path)
    assert painter.with_absolute_paths().config.out == tmp_path / "out"


def test_options_are_spelled_out_in_the_order_of_the_renderers(configure, tmp_path, charcoal):
    given = charcoal.options(paper="smooth")
    config = with_options(configure(tmp_path, renderer="charcoal,bezier", options={"charcoal": given}))
    assert list(config.options.items()) == [("charcoal", given), ("bezier", renderers.options_class("bezier")())]
    assert with_options(config) == config


def test_the_schedule_is_spelled_out_where_the_media_agree(configure, tmp_path, charcoal, monkeypatch):
    own = renderers.get_medium("bezier").schedule
    monkeypatch.setattr(type(charcoal), "schedule", own)
    assert with_options(configure(tmp_path, renderer="charcoal,bezier")).schedule == own
    monkeypatch.setattr(type(charcoal), "schedule", "strokes")
    assert with_options(configure(tmp_path, renderer="charcoal")).schedule == "strokes"
    assert with_options(configure(tmp_path, renderer="charcoal,bezier")).schedule is None
    assert with_options(configure(tmp_path, renderer="charcoal,bezier", schedule="log")).schedule == "log"


def test_samples_say_by_which_schedule_they_were_cut(configure, tmp_path, charcoal, monkeypatch):
    monkeypatch.setattr(type(charcoal), "schedule", "strokes")
    painter = PaintingMaker(with_options(configure(tmp_path, renderer="charcoal,bezier")))
    records = [sample.record for sample in painter.make(next(painter.sources()), Stopwatch())]
    assert [record["schedule"] for record in records] == ["strokes", renderers.get_medium("bezier").schedule]


def test_another_renderer_or_another_s_options(configure, tmp_path, charcoal):
    with pytest.raises(ValueError, match=r"renderer is 'crayon': use one of .*bezier"):
        with_options(configure(tmp_path, renderer="bezier,crayon"))
    with pytest.raises(ValueError, match="options of bezier are 7, but it takes BezierOptions"):
        with_options(configure(tmp_path, options={"bezier": 7}))
    with pytest.raises(ValueError, match="options of charcoal are given, but the renderer is bezier: remove them"):
        with_options(configure(tmp_path, options={"charcoal": charcoal.options()}))


@pytest.mark.parametrize("renderer", renderers.names())
def test_every_renderer_can_be_tried_out(configure, tmp_path, renderer):
    try_out(configure(tmp_path, renderer=renderer))
    assert list(tmp_path.iterdir()) == []


def test_wrong_options_of_any_renderer_are_found_before_the_job_starts(configure, tmp_path, charcoal):
    for name, options, message in (
        ("bezier", renderers.options_class("bezier")(ground="blackish"), "bezier: .*blackish"),
        ("charcoal", charcoal.options(paper="wet"), "charcoal: paper='wet'"),
    ):
        with pytest.raises(ValueError, match=message):
            try_out(configure(tmp_path, renderer="bezier,charcoal", options={name: options}))
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_isn_t_installed_is_a_mistake_to_explain(configure, tmp_path, charcoal, monkeypatch):
    def fail(*args: object, **options: object) -> None:
        raise ModuleNotFoundError("No module named 'torch'; try pip install 'underpaint[sam]'")

    monkeypatch.setattr(charcoal, "fit", fail)
    with pytest.raises(ValueError, match="charcoal: No module named 'torch'; try"):
        try_out(configure(tmp_path, renderer="charcoal"))


def test_a_renderer_that_needs_a_guide_is_tried_with_one(configure, tmp_path, charcoal, monkeypatch):
    fit, seen = charcoal.fit, {}

    def look(image: np.ndarray, **settings: object) -> renderers.Program:
        seen.update(settings["guides"])  # type: ignore[call-overload]
        return fit(image, **settings)

    monkeypatch.setattr(charcoal, "fit", look)
    try_out(configure(tmp_path, renderer="charcoal", options={"charcoal": charcoal.options(order="depth")}))
    assert (seen["depth"].dtype, seen["depth"].min(), seen["depth"].max()) == (np.float32, 0, 1)
