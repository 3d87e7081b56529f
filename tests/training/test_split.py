import json

import numpy as np
import pytest

from underpaint.training.split import held_out, is_wanted, read_sides, smallest_canvas


def keys(corpora):
    return [corpus.key(number) for corpus in corpora for number in range(len(corpus))]


def test_the_two_sides_share_nothing_and_leave_nothing_out(configure):
    config = configure()
    train, validation = keys(read_sides(config)["train"]), keys(read_sides(config)["validation"])
    assert not set(train) & set(validation)
    assert len(train) + len(validation) == 24
    assert validation


def test_a_picture_is_on_one_side_in_all_corpora(configure, finished, other):
    config = configure(corpus=[str(finished), str(other)], validation=0.5)
    names = [{key.split("-")[1] for key in keys(read_sides(config)[side])} for side in ("train", "validation")]
    assert not names[0] & names[1]


def test_the_share_is_kept_and_grows_by_pictures_alone():
    names = [f"folder/{number}.jpg" for number in range(4000)]
    tenth = {name for name in names if held_out(name, 0.1)}
    assert 330 < len(tenth) < 470
    assert tenth < {name for name in names if held_out(name, 0.2)}


def test_none_held_out_validates_on_what_is_trained(configure):
    config = configure(validation=0)
    assert keys(read_sides(config)["train"]) == keys(read_sides(config)["validation"])
    assert len(keys(read_sides(config)["train"])) == 24


def test_only_some_media(configure):
    config = configure(renderer=["oil"], validation=0)
    assert is_wanted("a", "oil", "train", config)
    assert not is_wanted("a", "bezier", "train", config)
    with pytest.raises(ValueError, match=r"corpus .* has no sample to train on by oil$"):
        read_sides(config)["train"]


def test_an_empty_side(configure):
    with pytest.raises(ValueError, match=r"no sample is left to validate on: validation 1e-06 .* is none; raise it"):
        read_sides(configure(validation=1e-6))["validation"]
    with pytest.raises(ValueError, match=r"no sample to train on when 0\.999999 of the pictures are held out"):
        read_sides(configure(validation=0.999999))["train"]


def test_the_smallest_canvas(configure, finished, other):
    config = configure(corpus=[str(other), str(finished)])
    assert smallest_canvas(read_sides(config)["train"], config) == (48, 6)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"size": 64}, "holds canvases of 48 x 48 px, size is 64: train with a size of at most 48, or generate with"),
        ({"frames": 10}, "stores 9 frames of each process, frames is 10: train with at most 9, or generate with"),
    ],
)
def test_what_a_corpus_can_not_give(configure, settings, message):
    config = configure(**settings)
    with pytest.raises(ValueError, match=message):
        smallest_canvas(read_sides(config)["train"], config)


def test_a_damaged_first_sample_does_not_matter_but_all_do(configure, corpus):
    config = configure(corpus=str(corpus), validation=0)
    (read,) = read_sides(config)["train"]
    tar = corpus / "000000.tar"
    data = bytearray(tar.read_bytes())
    offset, size = json.loads((corpus / "000000.json").read_bytes())["samples"][0]["members"]["json"]
    data[offset : offset + size] = bytes(size)
    tar.write_bytes(data)
    assert smallest_canvas([read], config) == (48, 9)
    for path in corpus.glob("*.tar"):
        path.write_bytes(np.zeros(path.stat().st_size, np.uint8))
    with pytest.raises(ValueError, match=r"is damaged, the last of 16 samples looked at is 0.* in .*\.tar"):
        smallest_canvas([read], config)
