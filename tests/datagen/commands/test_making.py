import pytest

from underpaint.datagen.cli import build_parser


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
    for part in (
        "--shard-size",
        "Number of recordings per shard",
        "Word to put before every caption",
        "--crop {auto,none}",
    ):
        assert part in text
    assert "--strokes" not in text
