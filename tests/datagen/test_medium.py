import pytest

import renderers
from datagen.medium import try_out, with_options


def test_options_are_spelled_out(configure, tmp_path):
    config = with_options(configure(tmp_path))
    assert config.options == renderers.options_class("bezier")()
    assert with_options(config) is config


def test_another_renderer_or_another_s_options(configure, tmp_path):
    with pytest.raises(ValueError, match=r"renderer is 'crayon': use one of .*bezier"):
        with_options(configure(tmp_path, renderer="crayon"))
    with pytest.raises(ValueError, match="options are 7, but bezier takes"):
        with_options(configure(tmp_path, options=7))


def test_wrong_options_are_found_before_the_job_starts(configure, tmp_path):
    try_out(configure(tmp_path))
    with pytest.raises(ValueError, match="blackish"):
        try_out(configure(tmp_path, options=renderers.options_class("bezier")(ground="blackish")))
    assert list(tmp_path.iterdir()) == []
