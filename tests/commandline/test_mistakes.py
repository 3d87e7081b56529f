"""What commands say of mistakes; `underpaint-data` stands for all."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from underpaint.commandline.mistakes import message
from underpaint.datagen.cli import main as data
from underpaint.experiments.ablations.cli import main as ablations
from underpaint.pipelines.cli import main as paint
from underpaint.training.cli import main as train

GENERATE = ["generate", "--source", "a", "--out", "b"]


@pytest.mark.parametrize(
    ("main", "arguments", "line"),
    [
        (data, ["generat"], "underpaint-data: 'generat' is no command: use generate, "),
        (data, ["generat"], "; did you mean generate?"),
        (data, [], "underpaint-data: give a command: generate, import"),
        (data, ["generate"], "underpaint-data: generate needs --source and --out"),
        (data, ["export", "a"], "underpaint-data: export needs KEY and --out"),
        (data, ["stats", "a", "b"], "underpaint-data stats: 'b' is one argument too many"),
        (data, [*GENERATE, "--sise", "3"], "--sise is no option; did you mean --size?"),
        (data, [*GENERATE, "--shard_sise=3"], "--shard_sise is no option; did you mean --shard-size?"),
        (data, [*GENERATE, "--oil.grund", "red"], "--oil.grund is no option; did you mean --oil.ground?"),
        (data, [*GENERATE, "--oil.candidats", "1"], "--oil.candidats is no option; "),
        (data, [*GENERATE, "--impasto", "1"], "--impasto is no option; did you mean --oil.impasto?"),
        (data, [*GENERATE, "--validation", "1"], "--validation is no option of this command, but of split"),
        (data, [*GENERATE, "--size", "oops"], "generate: --size is 'oops': a whole number is needed"),
        (data, [*GENERATE, "--size", "010"], "generate: --size is '010': a whole number is needed"),
        (data, [*GENERATE, "--size", "1:30"], "generate: --size is '1:30': a whole number is needed"),
        (data, [*GENERATE, "--size"], "--size needs a value"),
        (data, [*GENERATE, "--siz", "3"], "--siz is no option; did you mean --size?"),
        (data, [*GENERATE, "--quality", "hgh"], "is 'hgh': use draft, standard or high; did you mean high?"),
        (data, [*GENERATE, "--workers", "many"], "--workers is 'many': a whole number or null is needed"),
        (data, [*GENERATE, "--max-aspect", "nan"], "--max-aspect is 'nan': a finite number is needed"),
        (data, [*GENERATE, "--resources", "{CPU: .nan}"], "resources is {'CPU': nan}: finite numbers are needed"),
        (data, [*GENERATE, "--oil", "3"], "--oil is '3': give its options one by one, as --oil.manner, "),
        (data, [*GENERATE, "--oil", "{grund: red}"], "--oil: oil.grund is no key; did you mean oil.ground?"),
        (data, [*GENERATE, "--config", "nothere.yaml"], "nothere.yaml is no file and no recipe; the recipes are"),
        (data, [*GENERATE, "--config", "nano-bse"], "nano-bse is no file and no recipe; did you mean nano-base?"),
        (data, [*GENERATE, "--config", "/"], "/ is a folder: give a YAML file, or the name of a recipe"),
        (data, ["inspect", "a\x1b[2J"], "a\\x1b[2J is not a folder"),
        (train, ["base", "--size", "oops"], "underpaint-train base: --size is 'oops': a whole number is needed"),
        (train, ["base", "--weights", "[1, x]"], "--weights is 'x': a list of numbers is needed"),
        (train, ["bas"], "did you mean base?"),
        (paint, ["text", "a", "--stepz", "3"], "underpaint text: --stepz is no option; did you mean --steps?"),
        (ablations, ["--only", "joynt"], "--only is 'joynt': use "),
    ],
)
def test_a_mistake_is_told_in_the_words_of_who_made_it(main, arguments, line, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code
    said = capsys.readouterr().err
    assert (status, said.count("\n")) == (2, 1)
    assert line in said


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("sise: 3", "sise is no key; did you mean size?"),
        ("oil: {grund: red}", "oil.grund is no key; did you mean oil.ground?"),
        ("oil: 3", "oil is 3: its options are needed, each with its name"),
        ("validation: 3", "validation is no key of this command, but of split"),
        ("size: 010", "size is '010': a whole number is needed"),
        ("max_aspect: .inf", "max_aspect is inf: a finite number is needed"),
        ("config: a", "config is no key"),
        ("out: 3", "out is 3: a text or a path is needed: put it into quotes"),
    ],
)
def test_keys_of_files_are_named_with_the_file(content: str, line: str, tmp_path: Path, capsys) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(content)
    with pytest.raises(SystemExit):
        data([*GENERATE, "--config", str(path)])
    assert f"underpaint-data generate: {path}: {line}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (FileNotFoundError(2, "No such file or directory", "a\x1bb"), "a\\x1bb: No such file or directory"),
        (MemoryError(), "not enough memory: give it less at a time, or fewer --workers"),
        (RecursionError("maximum recursion depth exceeded"), "something is nested too deeply to be read"),
        (zipfile.BadZipFile("File is not a zip file"), "File is not a zip file"),
        (EOFError(), "EOFError"),
        (ValueError("then -> now:\n  a\x9bb"), "then -> now:\n  a\\x9bb"),
    ],
)
def test_errors_in_words(error: Exception, said: str) -> None:
    assert message(error) == said
