from __future__ import annotations

import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from underpaint.experiments.gpu.cli import _first_paintings, main, pack
from underpaint.experiments.gpu.config import GpuConfig
from underpaint.experiments.gpu.gallery import _tasks


def test_networks_travel_in_parts(tmp_path: Path) -> None:
    run, out = tmp_path / "run", tmp_path / "out"
    (run / "models" / "base").mkdir(parents=True)
    (run / "models" / "base" / "weights").write_bytes(bytes(range(256)) * 100)
    (run / "report.jsonl").write_text("{}\n")
    out.mkdir()
    (out / "models.tar.99").write_bytes(b"of a longer run before")
    pack(run, out, part=10_000)
    parts = sorted(out.glob("models.tar.*"), key=lambda path: int(path.suffix[1:]))
    assert len(parts) > 2
    assert (out / "report.jsonl").is_file()
    (tmp_path / "again.tar").write_bytes(b"".join(part.read_bytes() for part in parts))
    with tarfile.open(tmp_path / "again.tar") as tar:
        tar.extractall(tmp_path / "again", filter="data")
    assert (tmp_path / "again" / "models" / "base" / "weights").read_bytes() == bytes(range(256)) * 100


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--base", "sd15"], "base is 'sd15': use nano or nano-large"),
        (["--size", "100"], "size is 100: use a multiple of 16"),
        (["--frames", "20"], "frames is 20: use 2 to 16"),
        (["--ends", "0.2,0.1,0.5,0.9"], "use 4 shares of the seconds, rising"),
        (["--ends", "0.2,0.5"], "use 4 shares of the seconds, rising"),
    ],
)
def test_what_cannot_be_is_refused(
    given: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path / "run"), *given])
    assert told in capsys.readouterr().err
    assert not (tmp_path / "run").exists()


def test_too_few_pictures_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path), "--source", "scenes:1"]) == 1
    assert "scenes:1: 1 pictures to train on and 0 held out are too few" in capsys.readouterr().err


def test_pictures_that_cannot_be_painted_are_not_waited_for() -> None:
    gallery = SimpleNamespace(tasks=range(5), failed={1: "no", 2: "no"})
    _first_paintings(gallery, SimpleNamespace(painted=3, take_in=lambda: 3))
    gallery.failed = dict.fromkeys(range(5), "BadPicture: no")
    with pytest.raises(RuntimeError, match="nothing can be painted: BadPicture: no"):
        _first_paintings(gallery, SimpleNamespace(painted=0, take_in=lambda: 0))


def test_each_picture_is_painted_in_one_medium(tmp_path: Path) -> None:
    config = GpuConfig(out=tmp_path, sources=["scenes:60"], media=("oil", "ink", "pencil"))
    tasks, unseen = _tasks(config)
    assert sorted([(task.source, task.index) for task in tasks] + [row[:2] for row in unseen]) == [
        ("scenes:60", number) for number in range(60)
    ]
    assert [task.slot for task in tasks] == list(range(len(tasks)))
    assert [task.index for task in tasks] != sorted(task.index for task in tasks)
    assert {task.medium for task in tasks} == {"oil", "ink", "pencil"}
    assert config.canvas == 108
