import numpy as np
import pytest

from tests.pictures import load_picture
from underpaint.renderers.colour import ground_colour, paper_colour, parse_colour


@pytest.mark.parametrize(
    ("name", "rgb"),
    [("white", (255, 255, 255)), ("Black", (0, 0, 0)), ("tomato", (255, 99, 71)), ("#0a141e", (10, 20, 30))],
)
def test_names_and_hex_numbers(name: str, rgb: tuple[int, int, int]) -> None:
    assert parse_colour(name) == rgb
    picture = np.zeros((2, 2, 3), np.uint8)
    np.testing.assert_array_equal(np.round(ground_colour(name, picture) * 255), rgb)


@pytest.mark.parametrize("name", ["", "nocolour", "#12", "#gggggg", "255,0,0"])
def test_other_words_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"unknown colour '{name}'.*#rrggbb"):
        parse_colour(name)
    with pytest.raises(ValueError, match="unknown colour"):
        ground_colour(name, np.zeros((2, 2, 3), np.uint8))


def test_mean_is_the_pictures_mean_in_whole_steps() -> None:
    picture = load_picture("temple")
    ground = ground_colour("mean", picture)
    assert ground.dtype == np.float32
    np.testing.assert_allclose(ground * 255, picture.mean(axis=(0, 1)), atol=0.501)
    np.testing.assert_allclose(ground * 255, np.round(ground * 255), atol=1e-4)


def test_mean_of_a_bright_picture_does_not_overflow() -> None:
    np.testing.assert_array_equal(ground_colour("mean", np.full((3000, 3000, 3), 255, np.uint8)), 1.0)


def test_paper_is_a_colour_by_name() -> None:
    np.testing.assert_array_equal(paper_colour("#ff0080"), np.array([1, 0, 128 / 255], np.float32))
    with pytest.raises(ValueError, match="paper: unknown colour 'papyrus'"):
        paper_colour("papyrus")
