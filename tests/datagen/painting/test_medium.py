import numpy as np
import pytest

from underpaint import renderers
from underpaint.datagen.painting.medium import try_out, with_options


def test_options_are_spelled_out_in_the_order_of_the_renderers(configure, tmp_path, charcoal):
    given = charcoal.options(paper="smooth")
    config = with_options(configure(tmp_path, renderer="charcoal,bezier", options={"charcoal": given}))
    assert list(config.options.items()) == [("charcoal", given), ("bezier", renderers.options_class("bezier")())]
    assert with_options(config) == config


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
