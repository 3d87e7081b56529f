from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.datagen.helpers import KEY, rewrite_one, with_json, without_phases
from tests.datagen.report.helpers import a_row
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.rows import (
    by_group,
    chosen,
    chosen_pictures,
    colour_of,
    columns,
    ordered,
    read_rows,
    row_of,
)


def test_a_row_is_what_the_sample_says(finished):
    sample = Corpus(finished).find("alter")
    row, record = row_of(sample), sample.record()
    assert (row.key, row.source, row.caption, row.group) == (
        "00000000-alter-baum-bezier",
        "more/Älter Baum.jpg",
        "picture 9",
        "bezier",
    )
    assert (row.strokes, row.psnr, row.canvas, row.bytes) == (24, record["psnr"], (48, 48), sample.entry.bytes)
    assert row.curve == tuple(frame["psnr"] for frame in record["frames"])
    assert row.phases[0] == "blank"
    assert len(row.phases) == 5


def test_what_is_known_of_its_origin(hostile):
    rows = list(read_rows(list(Corpus(hostile))))
    credited = [row for row in rows if row.credits]
    assert {row.source for row in credited} == {"p0.png"}
    assert credited[0].credits == (("license", "CC0 <b>"), ("url", "javascript:alert(4)"))


def test_a_painted_process_is_one_of_its_own_kind(recorded, tmp_path):
    folder = Path(shutil.copytree(recorded, tmp_path / "copy"))
    sample = Corpus(folder)[0]
    with_json(folder, sample.entry.key, about=sample.record()["about"] | {"kind": "painted", "painting": {}})
    assert row_of(Corpus(folder)[0]).group == "painted"


def test_rows_keep_the_order_of_the_samples(finished):
    samples = list(Corpus(finished))
    assert [row.key for row in read_rows(samples)] == [sample.entry.key for sample in samples]


def test_recorded_samples_are_grouped_by_their_kind(recorded):
    rows = list(read_rows(list(Corpus(recorded))))
    assert {row.group for row in rows} == {"video", "pictures"}
    assert rows[0].phases == ()
    assert rows[0].psnr is None


def test_an_older_sample_has_no_phases(corpus):
    without_phases(corpus)
    assert row_of(Corpus(corpus).find(KEY)).phases == ()


def test_a_damaged_json_is_named(corpus):
    rewrite_one(corpus, json=lambda data: b'{"caption": null}')
    with pytest.raises(ValueError, match=f"JSON of {KEY} is damaged"):
        row_of(Corpus(corpus).find(KEY))


def test_of_a_large_corpus_a_share_is_chosen_by_seed(finished):
    corpus = Corpus(finished)
    every = [sample.entry.key for sample in corpus]
    assert [sample.entry.key for sample in chosen(corpus, 10, 0)] == every
    some = [sample.entry.key for sample in chosen(corpus, 4, 0)]
    assert some == [sample.entry.key for sample in chosen(corpus, 4, 0)]
    assert len(some) == 4
    assert some == sorted(some)
    assert any(some != [sample.entry.key for sample in chosen(corpus, 4, seed)] for seed in range(1, 5))


def test_all_media_of_a_picture_are_chosen_together():
    rows = [a_row(number // 3, key=f"{number // 3:08d}-x-{number % 3}") for number in range(60)]
    numbers = chosen_pictures(rows, 10, 0)
    assert len(numbers) == 9
    assert {number // 3 for number in numbers} == {number // 3 for number in numbers[::3]}
    assert numbers == sorted(numbers) == chosen_pictures(rows, 10, 0)
    assert chosen_pictures(rows, 100, 0) == list(range(60))
    assert chosen_pictures(rows, 0, 0) == []
    assert len(chosen_pictures(rows, 2, 0)) == 2


def test_groups_come_in_one_order_and_each_has_its_colour():
    assert ordered(["video", "zinc", "ink", "bezier"]) == ["bezier", "ink", "video", "zinc"]
    assert [colour_of(name) for name in ("bezier", "oil", "charcoal", "zinc")] == [0, 1, 9, 9]
    rows = [a_row(0, group="oil"), a_row(1, group="bezier"), a_row(2, group="oil")]
    assert {name: len(members) for name, members in by_group(rows).items()} == {"bezier": 1, "oil": 2}
    assert list(by_group(rows)) == ["bezier", "oil"]


@pytest.mark.parametrize(("media", "expected"), [(1, 6), (2, 6), (3, 6), (4, 4), (5, 5), (7, 6)])
def test_the_media_of_a_picture_fill_a_row(media, expected):
    assert columns([a_row(number // media) for number in range(3 * media)]) == expected


def test_columns_without_rows():
    assert columns([]) == 6
