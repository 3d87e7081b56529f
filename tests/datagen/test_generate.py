import io
import json
import os
import shutil
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np
import pytest
from PIL import Image

from tests.datagen.helpers import ROOT, SMALL, quietly, start, synthetic, tar_bytes
from underpaint import renderers
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.generate import generate
from underpaint.datagen.jobs.writing import write_corpus
from underpaint.datagen.painting.painter import PaintingMaker, with_options
from underpaint.datagen.storage import streams
from underpaint.datagen.trust.verify import verify

# --- in this process ------------------------------------------------------------------------------


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("0*")}


def test_a_complete_corpus_is_left_alone(configure, corpus):
    before = times(corpus)
    result = quietly(configure(corpus, store_target=True))
    assert result.complete
    assert (result.meter.resumed, result.meter.painted) == (10, 0)
    assert times(corpus) == before


def test_only_what_is_missing_is_done(configure, corpus, finished):
    before = times(corpus)
    (corpus / "000001.json").unlink()
    (corpus / "000001.tar").write_bytes(b"half")
    result = quietly(configure(corpus, store_target=True))
    assert (result.meter.resumed, result.meter.painted) == (6, 4)
    after = times(corpus)
    assert {name for name in after if after[name] != before[name]} == {"000001.tar", "000001.json"}
    assert tar_bytes(corpus) == tar_bytes(finished)
    assert verify(corpus) == []


def test_a_shard_that_fails_doesn_t_stop_the_others(configure, tmp_path):
    (tmp_path / "000000.tar" / "in the way").mkdir(parents=True)
    result = quietly(configure(tmp_path))
    assert not result.complete
    assert (result.missing, list(result.errors)) == (["000000"], [0])
    assert (tmp_path / "000001.json").exists()
    assert (tmp_path / "000002.json").exists()


def test_nothing_is_made_for_a_mistake(configure, tmp_path):
    for wrong in (
        {"renderer": "crayon"},
        {"renderer": "bezier,crayon"},
        {"options": {"bezier": 7}},
        {"source": "nowhere"},
    ):
        with pytest.raises((ValueError, FileNotFoundError)):
            quietly(configure(tmp_path / "out", **wrong))
        assert not (tmp_path / "out").exists()


# --- several media --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    for index in range(3):
        synthetic(20 + index).save(folder / f"{index}.png")
    return folder


@pytest.mark.parametrize("renderer", [*renderers.names(), ",".join(renderers.names())])
def test_any_renderer_is_verified_resumed_and_the_same_every_time(configure, few, tmp_path, renderer):
    settings = {"source": str(few), "shard_size": 2, "renderer": renderer, "size": 32, "strokes": 16}
    config = configure(tmp_path / "out", **settings)
    assert quietly(config).complete
    assert verify(tmp_path / "out") == []
    wanted = tar_bytes(tmp_path / "out")
    manifest = (tmp_path / "out" / "manifest.json").read_bytes()
    (tmp_path / "out" / "000000.json").unlink()
    again = quietly(config)
    assert (again.meter.resumed, again.meter.painted) == (1, 2)
    assert tar_bytes(tmp_path / "out") == wanted
    assert (tmp_path / "out" / "manifest.json").read_bytes() == manifest
    assert len(Corpus(tmp_path / "out")) == 3 * (renderer.count(",") + 1)


def files(folder: Path) -> dict[str, dict[str, bytes]]:
    return {s.entry.key: {name: s.member(name) for name in s.entry.members} for s in Corpus(folder)}


def test_a_sample_doesn_t_depend_on_the_other_media(configure, finished, in_two_media, tmp_path, charcoal):
    both = files(in_two_media)
    alone = {
        key: {name: data for name, data in each.items() if name != "target.webp"}
        for key, each in files(finished).items()
    }
    assert {key: each for key, each in both.items() if key.endswith("bezier")} == alone
    assert quietly(configure(tmp_path / "mixed", renderer="bezier,charcoal", mix=True)).complete
    mixed = files(tmp_path / "mixed")
    assert len(mixed) == 10
    assert mixed.items() <= both.items()
    assert quietly(configure(tmp_path / "shards", renderer="bezier,charcoal", mix=True, shard_size=3)).complete
    assert files(tmp_path / "shards") == mixed


def test_a_mixed_corpus_is_continued(configure, tmp_path, charcoal):
    config = configure(tmp_path, renderer="bezier,charcoal", mix=True)
    assert quietly(config).complete
    wanted = tar_bytes(tmp_path)
    (tmp_path / "000001.tar").unlink()
    again = quietly(config)
    assert again.complete
    assert (again.meter.resumed, again.meter.painted) == (6, 4)
    assert tar_bytes(tmp_path) == wanted


def test_other_renderers_options_or_another_mix_are_refused(configure, tmp_path, charcoal):
    settings = {"renderer": "bezier,charcoal"}
    quietly(configure(tmp_path, **settings))
    before = times(tmp_path)
    for changes, line in (
        ({"renderer": "charcoal"}, 'renderer: "bezier,charcoal" -> "charcoal"'),
        ({"renderer": "charcoal,bezier"}, 'renderer: "bezier,charcoal" -> "charcoal,bezier"'),
        ({"mix": True}, "mix: false -> true"),
        ({"options": {"charcoal": charcoal.options(paper="smooth")}}, 'charcoal.paper: "rough" -> "smooth"'),
    ):
        with pytest.raises(ValueError, match="another configuration") as refusal:
            quietly(configure(tmp_path, **settings | changes))
        assert line in str(refusal.value)
    assert times(tmp_path) == before
    assert quietly(configure(tmp_path, **settings)).meter.resumed == 10


def test_other_settings_are_refused_before_anything_is_compiled(configure, tmp_path, monkeypatch):
    generate(configure(tmp_path))
    tried = []
    monkeypatch.setattr("underpaint.datagen.generate.try_out", tried.append)
    with pytest.raises(ValueError, match=r"another configuration .*\n  seed: "):
        generate(configure(tmp_path, seed=5))
    assert tried == []


def test_guides_make_a_corpus_and_their_lack_is_accounted_for(configure, few, tmp_path, charcoal):
    folder = tmp_path / "in"
    shutil.copytree(few, folder)
    for index in range(2):
        Image.new("L", (40, 32), 9).save(folder / f"{index}.depth.png")
    options = {"charcoal": charcoal.options(order="depth")}
    result = quietly(configure(tmp_path / "out", source=str(folder), renderer="bezier,charcoal", options=options))
    assert result.complete
    assert verify(tmp_path / "out") == []
    (sidecar,) = Corpus(tmp_path / "out").sidecars
    assert [sample.key[8:] for sample in sidecar.samples] == [
        *("-0-bezier", "-0-charcoal", "-1-bezier", "-1-charcoal", "-2-bezier"),
    ]
    assert [(f.index, f.renderer, f.reason) for f in sidecar.failures] == [(2, "charcoal", "missing-guide")]
    assert (result.meter.painted, result.meter.skipped) == (3, 1)


# --- pictures that can't be used -----------------------------------------------------------------


def png_header(side: int) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100)))


def test_a_folder_with_every_kind_of_bad_picture(configure, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    good = synthetic(1)
    for name, image in {
        "grey.png": good.convert("L"),
        "deep.png": Image.fromarray(np.asarray(good.convert("L")).astype(np.uint16) * 257),
        "bit.png": good.convert("1"),
        "palette.gif": good.quantize(16),
        "alpha.png": good.convert("RGBA"),
        "ink.jpg": good.convert("CMYK"),
        "float.tif": good.convert("F"),
    }.items():
        image.save(folder / name)
    good.save(folder / "moving.webp", save_all=True, append_images=[synthetic(2)])
    buffer = io.BytesIO()
    good.save(buffer, "JPEG")
    (folder / "cut.jpg").write_bytes(buffer.getvalue()[:-300])
    (folder / "nothing.jpg").touch()
    (folder / "text.jpg").write_text("not a picture")
    (folder / "bomb.png").write_bytes(png_header(50_000))
    (folder / "broken.png").write_bytes(png_header(64))
    Image.new("RGB", (15, 90)).save(folder / "thin.png")
    (folder / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (folder / "folder.jpg").mkdir()
    (folder / "notes.md").write_text("no picture, and none by its name")

    result = quietly(configure(tmp_path / "out", source=str(folder), shard_size=5))
    assert result.complete
    failures = {f.source: f.reason for sidecar in Corpus(tmp_path / "out").sidecars for f in sidecar.failures}
    assert failures.pop("broken.png") in ("truncated", "damaged")
    assert failures == {
        "cut.jpg": "truncated",
        "nothing.jpg": "empty",
        "text.jpg": "not-a-picture",
        "bomb.png": "too-large",
        "thin.png": "too-small",
        "gone.jpg": "missing",
    }
    written = [sample.entry.source for sample in Corpus(tmp_path / "out")]
    assert written == sorted(
        ["alpha.png", "bit.png", "deep.png", "float.tif", "grey.png", "ink.jpg", "moving.webp", "palette.gif"]
    )
    assert verify(tmp_path / "out") == []


def test_a_shard_without_a_single_good_picture(configure, tmp_path):
    (tmp_path / "in").mkdir()
    for index in range(3):
        (tmp_path / "in" / f"{index}.jpg").touch()
    config = configure(tmp_path / "out", source=str(tmp_path / "in"), shard_size=2)
    assert quietly(config).complete
    assert verify(tmp_path / "out") == []


# --- killed ---------------------------------------------------------------------------------------

# About a second for each of six shards: something to interrupt, and something left for orphans and heirs.
LONG = {"size": 96, "strokes": 250, "quality": "high", "frames": 4, "shard_size": 3}


def begin(photos: Path, out: Path, workers: int) -> subprocess.Popen[str]:
    options = [part for name, value in LONG.items() for part in (f"--{name.replace('_', '-')}", value)]
    return start("generate", "--source", photos, "--out", out, "--workers", workers, *options)


def wait_until(condition: Callable[[], object], seconds: float = 180) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.05)  # looking through /proc takes milliseconds


def sidecars(out: Path) -> set[str]:
    return {path.stem for path in out.glob("0*.json")}


def processes(below: int, marker: str) -> list[int]:
    """Running processes below one, whose command line holds a text."""
    parents, lines = {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                lines[int(entry.name)] = (entry / "cmdline").read_text()
            except OSError:
                continue

    def is_below(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid]
            if pid == below:
                return True
        return False

    return [pid for pid, line in lines.items() if marker in line and is_below(pid)]


@pytest.mark.slow
def test_killed_workers_and_a_killed_job_change_nothing(photos, configure, tmp_path):
    reference, out = tmp_path / "reference", tmp_path / "out"
    assert quietly(configure(reference, source=str(photos), **LONG)).complete
    wanted = tar_bytes(reference)

    job = begin(photos, out, 2)
    wait_until(lambda: processes(job.pid, "ray::_run_shard"))
    os.kill(processes(job.pid, "ray::_run_shard")[0], signal.SIGKILL)
    wait_until(lambda: len(sidecars(out)) >= 2)
    job.kill()
    job.communicate()
    wait_until(lambda: not list(Path("/proc").glob(f"{job.pid}/task")))
    time.sleep(2)  # orphans notice that their job is gone
    committed = times(out)
    for name, data in tar_bytes(out).items():
        assert data == wanted[name]  # whatever has a final name is whole

    again = begin(photos, out, 2)
    wait_until(lambda: processes(again.pid, "ray::_run_shard"))
    os.kill(processes(again.pid, "ray::_run_shard")[0], signal.SIGKILL)
    text, errors = again.communicate(timeout=180)
    assert again.returncode == 0, text + errors
    assert tar_bytes(out) == wanted
    assert (out / "manifest.json").read_bytes() == (reference / "manifest.json").read_bytes()
    after = times(out)
    for stem in {name.split(".")[0] for name in committed if name.endswith(".json")}:
        assert after[f"{stem}.tar"] == committed[f"{stem}.tar"]
        assert after[f"{stem}.json"] == committed[f"{stem}.json"]
    assert not list(out.glob(".*.tmp"))
    assert verify(out) == []


@pytest.mark.slow
@pytest.mark.parametrize(("number", "workers"), [(signal.SIGINT, 0), (signal.SIGTERM, 2)])
def test_a_signal_stops_cleanly_and_says_how_to_continue(photos, configure, tmp_path, number, workers):
    job = begin(photos, tmp_path, workers)
    wait_until(lambda: sidecars(tmp_path))
    job.send_signal(number)
    text, errors = job.communicate(timeout=180)
    assert job.returncode == 130, text + errors
    assert "Traceback" not in errors
    assert "to continue, run the same command again:\n  underpaint-data generate --source" in errors
    assert "missing shards" in text
    assert not list(tmp_path.glob(".*.tmp"))
    done = len(sidecars(tmp_path))
    result = quietly(configure(tmp_path, source=str(photos), **LONG))
    assert result.complete
    assert result.meter.resumed == 3 * done > 0


def test_compiling_is_explained_when_there_is_some_and_counts(configure, tmp_path, monkeypatch):
    def compiling(config: object) -> None:
        numba.njit(lambda number: number + 1)(1)
        numba.njit(lambda number: number + 2)(1)
        time.sleep(0.2)

    for work, remarks in ((compiling, 1), (lambda config: time.sleep(0.2), 0)):
        said = io.StringIO()
        monkeypatch.setattr("underpaint.datagen.generate.try_out", work)
        result = generate(configure(out=tmp_path / f"corpus-{remarks}"), stream=said)
        assert said.getvalue().count("compiling the kernels") == remarks
        assert result.meter.seconds > 0.2


def test_a_source_is_opened_once(configure, pictures, tmp_path, monkeypatch):
    looked_into: list[str] = []
    scandir, open_stream = os.scandir, streams.open_stream

    def counted_folder(folder: str | Path) -> object:
        looked_into.append(str(folder))
        return scandir(folder)

    def counted_file(location: str) -> object:
        looked_into.append(location)
        return open_stream(location)

    monkeypatch.setattr("underpaint.datagen.storage.streams.os.scandir", counted_folder)
    monkeypatch.setattr("underpaint.datagen.sources.listings.open_stream", counted_file)
    listing = tmp_path / "list.jsonl"
    listing.write_text("".join(json.dumps({"file": str(pictures / f"p{n}.png")}) + "\n" for n in (1, 2, 3)))
    for source, run_times in ((pictures, (1, 1)), (listing, (1, 0))):
        for times_opened in run_times:
            looked_into.clear()
            assert quietly(configure(tmp_path / source.stem / "out", source=str(source))).complete
            assert looked_into.count(str(source)) == times_opened  # a list that is known isn't opened again
    looked_into.clear()
    assert write_corpus(PaintingMaker(with_options(configure(tmp_path / "list" / "out", source=str(listing))))).complete
    assert str(listing) not in looked_into


def test_a_job_runs_where_there_are_no_unix_modules(pictures, tmp_path):
    # Windows has neither of these modules.
    options = [part for name, value in SMALL.items() for part in (f"--{name.replace('_', '-')}", str(value))]
    arguments = ["generate", "--source", str(pictures), "--out", str(tmp_path / "corpus"), *options]
    script = f"""
import sys
sys.modules["fcntl"] = sys.modules["resource"] = None
from underpaint.datagen.cli import main
sys.exit(main({arguments!r}))
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert verify(tmp_path / "corpus") == []
