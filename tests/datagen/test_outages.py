"""What goes away in the middle of a job and comes back leaves no trace in its corpus."""

import json
import shutil

import pytest

from tests.datagen.helpers import answer, tar_bytes
from tests.datagen.outages import PICTURES, SMALL, free_port, serving, write_list, write_pictures
from tests.datagen.tars import tarred
from underpaint.datagen.cli import main
from underpaint.datagen.jobs import whereabouts
from underpaint.datagen.painting import painted
from underpaint.datagen.storage import patience

pytest.importorskip("aiohttp")


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    monkeypatch.setattr(patience, "FIRST_DELAY", 0.0)
    monkeypatch.setattr(patience, "_failed", {})
    monkeypatch.setattr(whereabouts, "_SEEN", {})


def generate(source, out, *more, status=0, retries=0):
    arguments = ["generate", "--source", source, "--out", out, *SMALL, "--workers", 0, "--max-retries", retries, *more]
    assert main([str(word) for word in arguments]) == status


def failures(out):
    sidecars = (json.loads(path.read_bytes()) for path in sorted(out.glob("0*.json")))
    return [(failure["source"], failure["reason"]) for sidecar in sidecars for failure in sidecar["failures"]]


@pytest.fixture
def pictures(tmp_path):
    write_pictures(tmp_path / "in")
    return tmp_path / "in"


@pytest.mark.parametrize("way", ["cuts", "says 429"])
def test_a_server_that_breaks_down_and_comes_back(pictures, tmp_path, way, capsys):
    with serving(pictures) as web:
        write_list(tmp_path / "list.jsonl", [f"{web.url}/{index}.png" for index in range(PICTURES)])
        generate(tmp_path / "list.jsonl", tmp_path / "undisturbed")
        web.asked, web.answers, web.way = 0, 4, way
        generate(tmp_path / "list.jsonl", tmp_path / "out", status=1)
        said = capsys.readouterr().err
        assert f"{web.url}/4.png is out of reach: can't read {web.url}/4.png in 6 tries: " in said
        assert "unreachable skip" in said
        assert list(tar_bytes(tmp_path / "out")) == ["000000.tar"]
        assert failures(tmp_path / "out") == []
        web.answers = None
        generate(tmp_path / "list.jsonl", tmp_path / "out")
    assert tar_bytes(tmp_path / "out") == tar_bytes(tmp_path / "undisturbed")
    for out in ("out", "undisturbed"):
        assert failures(tmp_path / out) == []


def test_a_server_that_comes_back_while_a_shard_waits_for_its_next_try(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("underpaint.datagen.jobs.retries.FIRST_DELAY", 0.01)
    with serving(pictures) as web:
        write_list(tmp_path / "list.jsonl", [f"{web.url}/{index}.png" for index in range(PICTURES)])
        write = web.broken
        monkeypatch.setattr(web, "broken", lambda: write() and web.asked <= 4 + patience.TRIES)
        web.answers = 4
        generate(tmp_path / "list.jsonl", tmp_path / "out", retries=1)
    assert failures(tmp_path / "out") == []


def test_what_a_server_refuses_is_the_picture_s_failure_at_once(pictures, tmp_path):
    with serving(pictures, statuses={"0.png": 404, "1.png": 410, "2.png": 403, "3.png": 401, "4.png": 451}) as web:
        write_list(tmp_path / "list.jsonl", [f"{web.url}/{index}.png" for index in range(PICTURES)])
        generate(tmp_path / "list.jsonl", tmp_path / "out")
    reasons = ["missing", "missing", "unreadable", "unreadable", "unreadable"]
    assert [reason for _, reason in failures(tmp_path / "out")] == reasons


def test_hosts_that_are_gone_for_good_are_skipped_and_tried_again_on_request(pictures, tmp_path, capsys):
    port = free_port()
    write_list(tmp_path / "list.jsonl", ["in/0.png", f"http://127.0.0.1:{port}/1.png", "in/2.png"])
    generate(tmp_path / "list.jsonl", tmp_path / "out", status=1)
    generate(tmp_path / "list.jsonl", tmp_path / "out", "--unreachable", "skip")
    assert failures(tmp_path / "out") == [(f"http://127.0.0.1:{port}/1.png", "unreachable")]
    answer(capsys, "verify", tmp_path / "out")
    before = tar_bytes(tmp_path / "out")
    generate(tmp_path / "list.jsonl", tmp_path / "out", "--retry-failed", status=1)
    assert tar_bytes(tmp_path / "out") == before  # what is there stays until there is better
    with serving(pictures, port):
        generate(tmp_path / "list.jsonl", tmp_path / "out")  # it isn't asked for
        assert failures(tmp_path / "out") != []
        generate(tmp_path / "list.jsonl", tmp_path / "out", "--retry-failed")
        assert failures(tmp_path / "out") == []
        generate(tmp_path / "list.jsonl", tmp_path / "undisturbed")
    assert tar_bytes(tmp_path / "out") == tar_bytes(tmp_path / "undisturbed")


def test_pictures_of_one_dead_host_wait_once(tmp_path, monkeypatch):
    tried = []
    monkeypatch.setattr(patience, "delay_before", lambda attempt, first: tried.append(attempt) or 0.0)
    port = free_port()
    write_list(tmp_path / "list.jsonl", [f"http://127.0.0.1:{port}/{index}.png" for index in range(9)])
    generate(tmp_path / "list.jsonl", tmp_path / "out", "--unreachable", "skip", status=1)
    assert tried == [1, 2, 3, 4, 5]
    assert len(failures(tmp_path / "out")) == 9


def packed(pictures, kind):
    """The pictures in a tar or in a table."""
    data = [path.read_bytes() for path in sorted(pictures.iterdir())]
    if kind == "tar":
        (pictures / "all.tar").write_bytes(tarred({f"{index}.png": each for index, each in enumerate(data)}))
    else:
        pa = pytest.importorskip("pyarrow")
        import pyarrow.parquet as pq

        pq.write_table(pa.table({"image": pa.array(data, pa.binary())}), pictures / "all.parquet", row_group_size=3)
    return f"all.{kind}"


@pytest.mark.parametrize(("kind", "way"), [("tar", "cuts"), ("tar", "says 404"), ("parquet", "closes")])
def test_tars_and_tables_of_a_server_that_breaks_down(pictures, tmp_path, kind, way, monkeypatch):
    name = packed(pictures, kind)
    with serving(pictures) as web:
        generate(f"{web.url}/{name}", tmp_path / "undisturbed")
        make, web.way = painted.decode_picture, way

        def breaking(place, canvas):
            if web.answers is None and len(tar_bytes(tmp_path / "out")) == 1:
                web.answers = web.asked
            return make(place, canvas)

        monkeypatch.setattr(painted, "decode_picture", breaking)
        generate(f"{web.url}/{name}", tmp_path / "out", status=1)
        assert failures(tmp_path / "out") == []
        monkeypatch.setattr(painted, "decode_picture", make)
        web.answers = None
        generate(f"{web.url}/{name}", tmp_path / "out")
    assert tar_bytes(tmp_path / "out") == tar_bytes(tmp_path / "undisturbed")


@pytest.mark.parametrize(
    ("source", "leaves"),
    [("in", "nothing"), ("in/*.png", "an empty folder"), ("list.jsonl", "an empty folder"), ("links", "nothing")],
)
def test_a_folder_that_goes_away_and_comes_back(pictures, tmp_path, source, leaves, monkeypatch, capsys):
    write_list(tmp_path / "list.jsonl", [f"in/{index}.png" for index in range(PICTURES)])
    (tmp_path / "links").mkdir()
    for path in pictures.iterdir():
        (tmp_path / "links" / path.name).symlink_to(path)
    generate(tmp_path / source, tmp_path / "undisturbed")
    decode = painted.decode_picture

    def unmounting(path, canvas):
        if path.name == "4.png":
            pictures.rename(tmp_path / "unmounted")
            if leaves == "an empty folder":
                pictures.mkdir()
        return decode(path, canvas)

    monkeypatch.setattr(painted, "decode_picture", unmounting)
    generate(tmp_path / source, tmp_path / "out", status=1)
    monkeypatch.undo()
    assert "gone" in capsys.readouterr().err
    assert failures(tmp_path / "out") == []
    if pictures.exists():
        pictures.rmdir()
    (tmp_path / "unmounted").rename(pictures)
    generate(tmp_path / source, tmp_path / "out")
    assert tar_bytes(tmp_path / "out") == tar_bytes(tmp_path / "undisturbed")


def test_a_picture_that_really_is_missing_is_only_skipped(pictures, tmp_path):
    write_list(tmp_path / "list.jsonl", ["in/0.png", "in/none.png", "no/such/folder.png", "/no/such/1.png", "in/1.png"])
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "0.png").symlink_to(pictures / "0.png")
    (tmp_path / "links" / "1.png").symlink_to(pictures / "none.png")
    generate(tmp_path / "list.jsonl", tmp_path / "out")
    generate(tmp_path / "links", tmp_path / "of-links")
    assert [reason for _, reason in failures(tmp_path / "out")] == ["missing"] * 3
    assert failures(tmp_path / "of-links") == [("1.png", "missing")]


def test_what_an_older_version_recorded_is_made_again_on_request(pictures, tmp_path):
    generate(pictures, tmp_path / "out")
    before = tar_bytes(tmp_path / "out")
    (tmp_path / "aside").mkdir()
    shutil.move(pictures / "1.png", tmp_path / "aside")
    write_list(tmp_path / "list.jsonl", [f"in/{index}.png" for index in range(PICTURES)])
    generate(tmp_path / "list.jsonl", tmp_path / "hole")
    shutil.move(tmp_path / "aside" / "1.png", pictures)
    written = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "hole").glob("*.tar")}
    generate(tmp_path / "list.jsonl", tmp_path / "hole", "--retry-failed")
    again = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "hole").glob("*.tar")}
    assert [name for name in again if again[name] != written[name]] == ["000000.tar"]
    assert tar_bytes(tmp_path / "hole").keys() == before.keys()
    assert failures(tmp_path / "hole") == []


def test_memory_that_doesn_t_suffice_for_one_picture_is_its_failure_at_the_last_try(pictures, tmp_path, monkeypatch):
    monkeypatch.setattr("underpaint.datagen.jobs.retries.FIRST_DELAY", 0.01)
    decode, tries = painted.decode_picture, []

    def starving(path, canvas):
        if path.name == "1.png":
            tries.append(path.name)
            raise MemoryError
        return decode(path, canvas)

    monkeypatch.setattr(painted, "decode_picture", starving)
    generate(pictures, tmp_path / "out", retries=2)
    assert tries == ["1.png"] * 3
    assert failures(tmp_path / "out") == [("1.png", "no-memory")]
    monkeypatch.setattr(painted, "decode_picture", decode)
    generate(pictures, tmp_path / "out", "--retry-failed")
    assert failures(tmp_path / "out") == []


def test_memory_that_suffices_for_no_picture_is_the_machine_s_fault(pictures, tmp_path, monkeypatch, capsys):
    def starving(path, canvas):
        raise MemoryError

    monkeypatch.setattr(painted, "decode_picture", starving)
    generate(pictures, tmp_path / "out", status=1)
    assert "hadn't enough memory for 0.png" in capsys.readouterr().err
    assert failures(tmp_path / "out") == []


def test_web_servers_that_know_no_ranges(pictures, tmp_path, monkeypatch):
    name = packed(pictures, "tar")
    with serving(pictures) as web:
        generate(f"{web.url}/{name}", tmp_path / "undisturbed")
        monkeypatch.setattr(web, "ranges", False)
        generate(f"{web.url}/{name}", tmp_path / "out")
    assert tar_bytes(tmp_path / "out") == tar_bytes(tmp_path / "undisturbed")
    assert failures(tmp_path / "out") == []
