import dataclasses
from pathlib import Path

import pytest

from underpaint import renderers
from underpaint.renderers.medium import Medium
from underpaint.renderers.registry import get_medium, names, options_class


def test_every_module_of_media_is_a_medium_of_its_name() -> None:
    folder = Path(renderers.__file__).parent / "media"
    assert set(names()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert "bezier" in names()
    assert list(names()) == sorted(names())
    for name in names():
        medium = get_medium(name)
        assert isinstance(medium, Medium)
        assert medium.name == name


@pytest.mark.parametrize("name", names())
def test_options_are_frozen_keyword_only_and_all_have_defaults(name: str) -> None:
    options = options_class(name)()
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(options, dataclasses.fields(options)[0].name, None)
    with pytest.raises(TypeError):
        options_class(name)("white")


def test_a_new_file_is_a_new_medium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Adding a medium means adding one file."""
    import underpaint.renderers.media

    (tmp_path / "copied.py").write_text(
        "from underpaint.renderers.media.bezier import Bezier\n"
        "class Copied(Bezier):\n    name = 'copied'\nMEDIUM = Copied()\n"
    )
    monkeypatch.setattr(underpaint.renderers.media, "__path__", [*underpaint.renderers.media.__path__, str(tmp_path)])
    assert "copied" in names()
    assert get_medium("copied").name == "copied"


@pytest.mark.parametrize("name", ["oils", "", "Bezier", "bezier.MEDIUM", "__init__"])
def test_unknown_medium_is_refused_with_the_names_there_are(name: str) -> None:
    with pytest.raises(ValueError, match=f"unknown renderer '{name}'.*bezier"):
        get_medium(name)
