import pytest

from underpaint.datagen.import_config import ImportConfig


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"blank": "none"}, "blank is 'none': use first or ground"),
        ({"crop": "yes"}, "crop is 'yes': use auto or none"),
        ({"ground": "papery"}, "ground is 'papery'"),
        ({"trigger": " "}, "trigger is ' '"),
        ({"frames": 1}, "frames is 1"),
        ({"size": 20_000}, "size is 20000: use 16 to 16383"),
        ({"size": 8192, "aspect": "keep"}, "a canvas may be 32768 px long, but WebP holds 16383: .* below 2$"),
        ({"shard_size": 0}, "shard_size is 0: use 1 or more"),
        ({"background": "nothing"}, "background is 'nothing'"),
    ],
)
def test_values_out_of_range(values, message):
    with pytest.raises(ValueError, match=message):
        ImportConfig(source="a", out="b", **values)


def test_what_determines_the_bytes():
    record = ImportConfig(source="a", out="b", trigger="sks", workers=3).determines_bytes()
    assert record["renderer"] == "recorded"
    assert record["trigger"] == "sks"
    assert not {"source", "out", "workers", "address", "max_retries"} & record.keys()
    assert not {"strokes", "quality", "seed"} & record.keys()
