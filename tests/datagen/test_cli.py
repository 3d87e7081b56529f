import json
import subprocess
import sys

import pytest
from PIL import Image

from tests.datagen.helpers import ROOT, SMALL, start
from underpaint.datagen.cli import COMMANDS, build_parser, main


def flags(**values: object) -> list[str]:
    return [part for name, value in values.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def test_generate_and_everything_after(pictures, tmp_path, capsys):
    out = tmp_path / "corpus"
    command = ["generate", *flags(source=pictures, out=out, **SMALL), "--bezier.ground", "black"]
    assert main(command) == 0
    text = capsys.readouterr().out
    for part in ("10/10 pictures", "10 samples in 3 shards", "mean PSNR", "pictures/hour"):
        assert part in text
    assert main(command) == 0
    assert main(["verify", str(out)]) == 0
    assert "3 shards checked; faults: none" in capsys.readouterr().out
    assert main(["inspect", str(out)]) == 0
    assert main(["inspect", str(out), "p3"]) == 0
    assert "00000004-p3-bezier" in capsys.readouterr().out
    assert main(["filmstrip", str(out), "p3", "p4", "--out", str(tmp_path / "strip.png"), "--columns", "3"]) == 0
    assert Image.open(tmp_path / "strip.png").height == 2 * 162 + 2
    assert main(["filmstrip", str(out), "--out", str(tmp_path / "all.jpg"), "--captions"]) == 0
    assert main(["export", str(out), "p3", "--out", str(tmp_path / "a.png")]) == 0
    assert Image.open(tmp_path / "a.png").size == (48, 48)


def test_a_yaml_file_holds_the_same_keys(pictures, tmp_path, capsys):
    job = tmp_path / "job.yaml"
    job.write_text(
        json.dumps(SMALL | {"source": str(pictures), "out": str(tmp_path / "out"), "bezier": {"ground": "black"}})
    )
    assert main(["generate", "--config", str(job), "--strokes", "12"]) == 0
    plan = json.loads((tmp_path / "out" / "job.json").read_bytes())
    assert (plan["config"]["strokes"], plan["config"]["bezier"]["ground"]) == (12, "black")


def test_several_media_from_the_command_line(pictures, tmp_path, capsys, charcoal):
    out = tmp_path / "corpus"
    command = ["generate", *flags(source=pictures, out=out, **SMALL), "--renderer", "bezier,charcoal"]
    command += ["--charcoal.paper", "smooth", "--bezier.ground=black"]
    assert main(command) == 0
    plan = json.loads((out / "job.json").read_bytes())["config"]
    assert (plan["renderer"], plan["mix"], plan["bezier"]["ground"]) == ("bezier,charcoal", False, "black")
    assert plan["charcoal"] == {"order": "rows", "paper": "smooth", "grain": None}
    text = capsys.readouterr().out
    for part in ("20 samples in 3 shards", "by bezier", "by charcoal"):
        assert part in text
    assert main(["verify", str(out), "--workers", "0"]) == 0
    assert main(["inspect", str(out), "p3-charcoal"]) == 0
    capsys.readouterr()
    assert main([*command[:-1], "--mix"]) == 2
    error = capsys.readouterr().err
    assert '  bezier.ground: "black" -> "white"\n  mix: false -> true\n' in error
    assert main(["export", str(out), "p3-charcoal", "--out", str(tmp_path / "a.svg")]) == 2
    error = capsys.readouterr().err
    assert "SVG can't express the marks of 'charcoal'" in error
    assert len(error.splitlines()) == 1


def test_import_and_everything_after(recordings, tmp_path, capsys):
    out = tmp_path / "corpus"
    (tmp_path / "job.yaml").write_text(json.dumps({"size": 48, "frames": 4, "workers": 0, "trigger": "sks"}))
    command = ["import", "--config", str(tmp_path / "job.yaml"), *flags(source=recordings, out=out), "--store-target"]
    assert main(command) == 0
    text = capsys.readouterr().out
    for part in ("4/4 recordings", "3 samples in 1 shards", "1 not-a-video", "recordings/hour"):
        assert part in text
    assert main(["verify", str(out)]) == 0
    assert main(["inspect", str(out)]) == 0
    assert main(["inspect", str(out), "barn"]) == 0
    text = capsys.readouterr().out
    for part in ("broken.mkv", "sks, a red barn", "seconds"):
        assert part in text
    assert main(["filmstrip", str(out), "--out", str(tmp_path / "strip.png")]) == 0
    assert main(["export", str(out), "barn", "--out", str(tmp_path / "a.webp")]) == 0
    assert main(["export", str(out), "barn", "--out", str(tmp_path / "a.svg")]) == 2
    assert "00000000-barn-recorded has no strokes.npz" in capsys.readouterr().err
    assert main([*command, "--trigger", "xyz"]) == 2
    assert '  trigger: "sks" -> "xyz"' in capsys.readouterr().err
    assert main(["import", *flags(source=tmp_path / "none", out=out)]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("flag", [["--mix"], ["--mix", "true"], ["--mix=true"]])
def test_mix_may_stand_alone(pictures, tmp_path, charcoal, flag):
    command = ["generate", *flags(source=pictures, out=tmp_path, **SMALL), *flag, "--renderer", "bezier,charcoal"]
    assert main(command) == 0
    assert json.loads((tmp_path / "manifest.json").read_bytes())["samples"] == 10


@pytest.mark.parametrize("renderer", ["bezier,charcoal", ["bezier", "charcoal"]])
def test_several_media_from_a_yaml_file(pictures, tmp_path, charcoal, renderer):
    job = tmp_path / "job.yaml"
    own = {"charcoal": {"paper": "smooth"}, "renderer": renderer, "mix": True}
    job.write_text(json.dumps(SMALL | {"source": str(pictures), "out": str(tmp_path / "out")} | own))
    assert main(["generate", "--config", str(job)]) == 0
    plan = json.loads((tmp_path / "out" / "job.json").read_bytes())["config"]
    assert (plan["renderer"], plan["charcoal"]["paper"]) == ("bezier,charcoal", "smooth")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--charcoal.paper", "smooth"], "options of charcoal are given, but the renderer is bezier: remove them"),
        (["--renderer", "charcoal", "--bezier.ground", "black"], "options of bezier are given"),
        (["--renderer", "bezier,charcoal,bezier"], "bezier may stand there only once"),
        (["--renderer", "bezier,crayon"], "renderer is 'crayon': use one of "),
        (["--renderer", "bezier,charcoal", "--charcoal.paper", "wet"], "charcoal: paper='wet'"),
    ],
)
def test_mistakes_with_several_media_end_with_one_line(pictures, tmp_path, capsys, charcoal, arguments, message):
    out = tmp_path / "out"
    assert main(["generate", *flags(source=pictures, out=out, **SMALL), *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("sise: 64", "sise"),
        ("bezier: {grund: white}", "grund"),
        ("size: wide", "size"),
        ("quality: best", "best"),
        ("]", "line 3"),
    ],
)
def test_a_yaml_file_with_a_mistake_is_refused_by_name(tmp_path, capsys, content, message):
    (tmp_path / "job.yaml").write_text(f"source: a\nout: b\n{content}\n")
    with pytest.raises(SystemExit) as end:
        main(["generate", "--config", str(tmp_path / "job.yaml")])
    error = capsys.readouterr().err
    assert end.value.code == 2
    assert message in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [[], ["paint"], ["verify"], ["generate", "--source", "a", "--out", "b", "--sise=1"]]
)
def test_wrong_arguments_end_with_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["generate", "--source", "nowhere", "--out", "OUT"], "source 'nowhere' does not exist"),
        (["generate", "--source", "nowhere.csv", "--out", "OUT"], "source 'nowhere.csv' does not exist"),
        (["generate", "--source", "a", "--out", "OUT", "--strokes", "0"], "strokes is 0"),
        (
            ["generate", "--source", "PICTURES", "--out", "OUT", "--renderer", "crayon"],
            "renderer is 'crayon': use one of ",
        ),
        (
            ["generate", "--source", "PICTURES", "--out", "OUT", "--workers", "0", "--bezier.ground", "blackish"],
            "blackish",
        ),
        (["generate", "--source", "PICTURES", "--out", "FILE"], "File exists"),
        (["verify", "OUT"], "is not a folder"),
        (["inspect", "OUT"], "is not a folder"),
        (["filmstrip", "PICTURES", "--out", "x.png"], "no finished shard"),
        (["export", "CORPUS", "nobody", "--out", "x.png"], "'nobody'"),
        (["export", "CORPUS", "p3", "--out", "x.xyz"], "x.xyz ends in .xyz"),
        (["filmstrip", "CORPUS", "--out", "x.xyz"], "x.xyz ends in .xyz: use .png"),
    ],
)
def test_mistakes_of_the_user_end_with_one_line(command, message, finished, pictures, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    places = {"OUT": str(tmp_path / "out"), "CORPUS": str(finished), "PICTURES": str(pictures), "FILE": __file__}
    assert main([places.get(part, part) for part in command]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"underpaint-data {command[0]}: ")
    assert message in error
    assert len(error.splitlines()) == 1


def test_a_refusal_shows_the_difference(corpus, pictures, capsys):
    assert main(["generate", *flags(source=pictures, out=corpus, **SMALL | {"size": 64})]) == 2
    error = capsys.readouterr().err
    assert "  size: 48 -> 64\n" in error
    assert "  store_target: true -> false\n" in error


def test_verify_names_faults_and_exits_1(corpus, capsys):
    (corpus / "000001.tar").unlink()
    assert main(["verify", str(corpus)]) == 1
    assert "000001: missing-tar: no 000001.tar" in capsys.readouterr().out
    assert main(["verify", str(corpus), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["faults"] == [{"shard": "000001", "key": "", "kind": "missing-tar", "detail": "no 000001.tar"}]


def test_a_job_that_wrote_no_sample_exits_1(tmp_path, capsys):
    (tmp_path / "list.csv").write_text("file\nnone.png\n")
    assert main(["generate", *flags(source=tmp_path / "list.csv", out=tmp_path / "corpus", **SMALL)]) == 1
    shown = capsys.readouterr()
    assert "1 missing" in shown.out
    assert f"every picture was skipped; `underpaint-data inspect {tmp_path / 'corpus'}` says why" in shown.err


def test_generate_exits_1_when_a_shard_failed(pictures, tmp_path, capsys):
    (tmp_path / "000002.tar" / "in the way").mkdir(parents=True)
    assert main(["generate", *flags(source=pictures, out=tmp_path, **SMALL)]) == 1
    error = capsys.readouterr().err
    assert "shard 000002 failed: " in error
    assert "1 shard is missing; to continue, run the same command again" in error


def test_the_module_is_the_same_command():
    job = start("--help")
    text, _ = job.communicate(timeout=60)
    assert job.returncode == 0
    for command in ("generate", "import", "verify", "inspect", "filmstrip", "export"):
        assert command in text


def test_help_shows_every_option_as_it_is_typed(capsys):
    with pytest.raises(SystemExit):
        main(["generate", "--help"])
    text = capsys.readouterr().out
    for part in ("--shard-size", "--bezier.ground", "Number of pictures per shard.", "default: 64"):
        assert part in " ".join(text.split())


def test_verify_loads_neither_ray_nor_pyav(finished):
    code = (
        "import sys; from underpaint.datagen.cli import COMMANDS, build_parser, main\n"
        "assert main(['verify', sys.argv[1]]) == 0\n"
        "assert not {'ray', 'av', 'torch', 'rich'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code, finished], cwd=ROOT, check=True, capture_output=True)


def test_a_command_sets_up_its_own_parser_only(finished, capsys):
    made = []
    with pytest.MonkeyPatch.context() as patch:
        for command in COMMANDS:
            spied = lambda command=command, parser=command.parser: (made.append(command.name), parser())[1]  # noqa: E731
            patch.setitem(vars(command), "parser", spied)
        assert main(["inspect", str(finished), "nobody"]) == 2  # no sample is called so
        assert made == ["inspect"]
        build_parser()
    assert made[1:] == [command.name for command in COMMANDS]
