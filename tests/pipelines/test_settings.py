import pytest

from underpaint.pipelines.settings import ComputeConfig, Sampling


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"guidance": 0}, "guidance is 0: use 1 or more"),
        ({"guidance": float("nan")}, "guidance is nan"),
        ({"steps": 0}, "steps is 0: use 1 or more"),
        ({"conditioning_scale": -1}, "conditioning_scale is -1: use 0 or more"),
        ({"free_init": 0}, "free_init is 0"),
        ({"inversion_rounds": 0}, "inversion_rounds is 0"),
        ({"frames": 1}, "frames is 1: a process has at least 2"),
        ({"inversion_start": "x"}, "inversion_start is 'x': use noised or clean"),
        ({"long": "loops"}, "long is 'loops': use refuse, windows or keyframes"),
    ],
)
def test_values_out_of_range(values, message):
    with pytest.raises(ValueError, match=message):
        Sampling(**values)


@pytest.mark.parametrize(
    ("given", "prediction", "sampler", "steps"),
    [
        ({}, "sample", "dpm++", 15),
        ({}, "epsilon", "ddim", 50),
        ({"inversion": True}, "sample", "ddim", 50),
        ({"steps": 7}, "sample", "ddim", 7),
        ({"sampler": "ddim"}, "sample", "ddim", 50),
        ({"sampler": "dpm++"}, "sample", "dpm++", 15),
        ({"sampler": "dpm++"}, "v_prediction", "dpm++", 50),
        ({"sampler": "lcm"}, "epsilon", "lcm", 8),
    ],
)
def test_what_is_not_given_follows_from_the_networks(given, prediction, sampler, steps):
    settled = Sampling(**given).settled(prediction, conditioned=False)
    assert (settled.sampler, settled.steps) == (sampler, steps)
    assert settled.settled(prediction, conditioned=True) == settled


@pytest.mark.parametrize(
    ("given", "prediction", "conditioned", "guidance"),
    [
        ({}, "sample", False, 2.5),
        ({}, "epsilon", False, 7.5),
        ({"sampler": "lcm"}, "epsilon", False, 1.0),
        ({"sampler": "lcm"}, "sample", False, 1.0),
        ({}, "sample", True, 1.0),
        ({"guidance": 1.0}, "sample", False, 1.0),
        ({"guidance": 4.0}, "epsilon", True, 4.0),
    ],
)
def test_words_alone_are_followed_more_closely(given, prediction, conditioned, guidance):
    assert Sampling(**given).settled(prediction, conditioned=conditioned).guidance == guidance


def test_records_keep_the_names_that_settings_had_first():
    record = Sampling(negative_prompt="a dog", conditioning_scale=0.5, steps=3).record()
    assert (record["negative"], record["scale"], record["steps"]) == ("a dog", 0.5, 3)
    assert not {"negative_prompt", "conditioning_scale"} & record.keys()
    assert record["frames"] is None  # as records of before have it


def test_precision():
    with pytest.raises(ValueError, match="precision is 'int8': use fp32, fp16 or bf16"):
        ComputeConfig(precision="int8")
