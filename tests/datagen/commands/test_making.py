import pytest

from underpaint import renderers
from underpaint.datagen.cli import build_parser
from underpaint.datagen.commands.making import generate_config
from underpaint.datagen.painting.painter import with_options


def parsed(*arguments):
    return build_parser().parse_args(list(arguments))


def test_import_takes_the_fields_of_its_config():
    options = parsed("import", "--source", "a", "--out", "b", "--store-target", "--blank=ground", "--max_aspect", "3")
    options = options["import"]
    assert (options.source, options.out, options.store_target, options.blank) == ("a", "b", True, "ground")
    assert (options.max_aspect, options.shard_size, options.trigger) == (3.0, 16, None)


@pytest.mark.parametrize(
    "arguments",
    [
        ["import", "--source", "a", "--out", "b", "--strokes", "9"],
        ["import", "--source", "a", "--out", "b", "--crop", "some"],
        ["import", "--source", "a"],
        ["filmstrip", "a"],
    ],
)
def test_a_mistake_ends_with_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        parsed(*arguments)
    assert end.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_every_option_of_import_is_explained(capsys):
    with pytest.raises(SystemExit):
        parsed("import", "--help")
    text = " ".join(capsys.readouterr().out.split())
    for part in ("--shard-size", "Number of recordings per shard", "Word to put before", "--crop {auto,none}"):
        assert part in text
    assert "--strokes" not in text


def test_the_recipe_of_the_paper_paints_by_error(tmp_path):
    arguments = ["generate", "--config", "paper", "--source", str(tmp_path), "--out", str(tmp_path / "corpus")]
    config = with_options(generate_config(build_parser().parse_args(arguments).generate))
    assert config.media == ("bezier", "oil", "ink", "region")
    assert (config.size, config.frames, config.schedule) == (512, 8, "error")
    assert [config.options[name].manner for name in ("bezier", "oil", "ink")] == ["error", "error", "layers"]
    assert (config.options["region"].order, config.options["region"].flats) == ("saliency", False)
    assert not any(renderers.get_medium(name).guides(config.options[name]) for name in config.media)


def test_a_wrong_habit_is_told_with_its_medium():
    options = parsed("generate", "--source", "a", "--out", "b", "--renderer", "oil,ink", "--ink.place", "7")
    with pytest.raises(ValueError, match=r"^ink: place=7.0 must be from"):
        generate_config(options.generate)
