from __future__ import annotations

import pytest

from underpaint import renderers
from underpaint.pipelines.medium import check_medium, medium_note, named_media, usual_medium


def test_media_are_those_of_the_training_captions() -> None:
    assert named_media({}) == ()
    assert named_media({"name_medium": False, "renderer": ["oil"]}) == ()
    assert named_media({"name_medium": True, "renderer": []}) == renderers.names()
    assert named_media({"name_medium": True, "renderer": ["oil", "recorded"]}) == ("oil", "recorded")


def test_an_unknown_medium_is_refused() -> None:
    check_medium(None, ())
    check_medium("oil", ("ink", "oil"))
    with pytest.raises(ValueError, match="medium is 'chalk': use ink, oil"):
        check_medium("chalk", ("ink", "oil"))
    with pytest.raises(
        ValueError, match="medium is 'oil', but the captions that these networks were trained with named"
    ):
        check_medium("oil", ())


def test_the_medium_is_said_in_one_line() -> None:
    media = ("ink", "oil")
    assert medium_note("oil", ["a hill"], media) == "medium: oil"
    assert medium_note(None, ["oil, a hill", "ink, a lake"], media) == "medium: ink, oil"
    none = "no medium is named: choose one with --medium ink|oil"
    assert medium_note(None, ["a hill"], media) == medium_note(None, ["oil, a hill", ""], media) == none
    assert medium_note(None, ["a hill"], ()) is None
    taken = "no medium is named: oil is taken"
    assert medium_note(None, ["a lake"], media, usual="oil") == f"{taken}; choose another with --medium ink"
    assert medium_note(None, ["a lake"], ("oil",), usual="oil") == taken
    mixed = ["Ink, a hill", "a lake"]
    assert medium_note(None, mixed, media, usual="oil") == "medium: ink, and oil where none is named"
    assert medium_note(None, mixed[:1], media, usual="oil") == "medium: ink"


def test_the_usual_medium_is_one_that_the_networks_know() -> None:
    assert usual_medium(("ink", "oil")) == "oil"
    assert usual_medium(("ink", "pencil")) == "ink"
    assert usual_medium(()) is None
