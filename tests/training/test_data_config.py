import dataclasses

import pytest

from underpaint.training.data_config import DataConfig


def test_one_name_or_several():
    assert DataConfig(corpus="a").corpus == ["a"]
    assert DataConfig(corpus=["a", "b"], renderer="oil").renderer == ["oil"]


def test_frozen_and_by_name_only():
    config = DataConfig(corpus="a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.size = 3
    with pytest.raises(TypeError):
        DataConfig("a")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"corpus": []}, "name at least one folder"),
        ({"weights": [1, 2]}, "for 1 corpora: give one for each"),
        ({"weights": [-1]}, "must be above 0"),
        ({"frames": 0}, "frames is 0: use 1 or more"),
        ({"size": 4}, "size is 4: use 8 or more"),
        ({"workers": -1}, "workers is -1"),
        ({"later_start": 1.5}, "later_start is 1.5: use 0 to 1"),
        ({"caption_dropout": -0.1}, "caption_dropout is -0.1"),
        ({"validation": 1}, "validation is 1: use 0 to less than 1"),
        ({"half_painted": 0.3}, "only single pictures"),
        ({"on_bad_sample": "ignore"}, "on_bad_sample is 'ignore': use stop or skip"),
    ],
)
def test_values_that_make_no_sense(values, message):
    with pytest.raises(ValueError, match=message):
        DataConfig(**({"corpus": "a"} | values))
