from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from underpaint.pipelines.config import PaintConfig
from underpaint.pipelines.paint_jobs import is_several, paint_job, subjects


def config(*named: object, task: str = "reconstruct", **values: Any) -> PaintConfig:
    return PaintConfig(task=task, subjects=[str(each) for each in named], out=Path("out"), **values)


def test_prompts() -> None:
    given = config("a hill", "a lake", task="text", seed=4)
    made = [paint_job(source, given, ()) for source in subjects(given)]
    assert [each.prompt for each in made] == ["a hill", "a lake"]
    assert [each.source.index for each in made] == [0, 1]
    assert len({each.seed for each in made}) == 2
    assert made[0].frames == {}
    alone = config("a lake", task="text", seed=4)
    assert paint_job(next(subjects(alone)), alone, ()).seed == made[1].seed


def test_pictures_of_folders_and_lists(folder_of_pictures: Path) -> None:
    given = config(folder_of_pictures, folder_of_pictures / "captions.jsonl", frame=["2=x.png"])
    made = [paint_job(source, given, ()) for source in subjects(given)]
    assert [each.source.name for each in made] == ["broken.png", "p0.png", "p1.png", "p2.png", "p0.png", "p1.png"]
    assert [each.source.index for each in made] == list(range(6))
    assert [each.prompt for each in made] == ["", "a hill", "a lake", "", "a hill", "a lake"]
    assert made[1].seed == made[4].seed
    assert list(made[1].frames.items()) == [(-1, folder_of_pictures / "p0.png"), (2, Path("x.png").absolute())]
    other = config(folder_of_pictures, task="complete", prompt="a barn")
    begun = paint_job(next(subjects(other)), other, ())
    assert (begun.prompt, list(begun.frames)) == ("a barn", [0])
    assert given.conditioned_numbers == (2, -1)
    assert other.conditioned_numbers == (0,)


def test_a_medium_comes_before_the_prompt(folder_of_pictures: Path) -> None:
    given = config(folder_of_pictures / "captions.jsonl", folder_of_pictures / "p2.png", medium="oil")
    assert [paint_job(source, given, ()).prompt for source in subjects(given)] == ["oil, a hill", "oil, a lake", "oil"]
    plain, ink = (config("a hill", task="text", medium=medium) for medium in (None, "ink"))
    one, other = (paint_job(next(subjects(each)), each, ()) for each in (plain, ink))
    assert (one.prompt, other.prompt) == ("a hill", "ink, a hill")
    assert one.seed == other.seed, "the same noise in every medium"


def test_words_without_a_medium_get_one_that_the_networks_know(folder_of_pictures: Path) -> None:
    def prompts(given: PaintConfig, *media: str) -> list[str]:
        return [paint_job(source, given, media).prompt for source in subjects(given)]

    words = config("a hill", "ink, a lake", task="text")
    assert prompts(words, "ink", "oil") == ["oil, a hill", "ink, a lake"]
    assert prompts(words) == ["a hill", "ink, a lake"]
    assert prompts(config("Ink, a lake", task="text"), "ink", "oil") == ["Ink, a lake"]
    # The artist's LoRA, or a picture, says how.
    assert prompts(config("a hill", task="text", frame=["0=x.png"]), "ink", "oil") == ["a hill"]
    assert prompts(config("sks, a hill", task="text", lora=["zorn=1"]), "ink", "oil") == ["sks, a hill"]
    assert prompts(config(folder_of_pictures / "captions.jsonl"), "ink", "oil") == ["a hill", "a lake"]


def test_one_or_several(folder_of_pictures: Path) -> None:
    one = folder_of_pictures / "p0.png"
    assert not is_several(config(one))
    assert not is_several(config("a hill", task="text"))
    assert is_several(config("a hill", "a lake", task="text"))
    for several in ((one, one), (folder_of_pictures,), (folder_of_pictures / "captions.jsonl",)):
        assert is_several(config(*several))


def test_what_must_fail(folder_of_pictures: Path) -> None:
    with pytest.raises(FileNotFoundError, match="does not exist"):
        next(subjects(config("nowhere")))
