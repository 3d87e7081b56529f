"""Pictures on a web server that goes away in the middle of a job, and comes back.

`python -m tests.datagen.test_outage 20` kills it at twenty drawn moments, each in a job of its own.
"""

from __future__ import annotations

import http.server
import json
import random
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.datagen.helpers import SMALL, quietly, synthetic, tar_bytes
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.storage import patience
from underpaint.datagen.storage.sidecars import read_sidecars

PICTURES = 6


class WebServer:
    """A server of pictures which breaks down after so many of its answers, in one of its ways."""

    WAYS = ("off", "silent", "half", "503", "429")

    def __init__(self) -> None:
        self.bytes, self.left, self.way = {f"/{i}.png": _png(i) for i in range(PICTURES)}, sys.maxsize, "off"
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("_", (_Handler,), {"web": self}))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def breaks_after(self, answers: int, way: str) -> None:
        self.left, self.way = answers, way


class _Handler(http.server.BaseHTTPRequestHandler):
    web: WebServer

    def do_GET(self) -> None:
        data = self.web.bytes.get(self.path, b"")
        self.web.left -= 1
        way = self.web.way if self.web.left < 0 else "200" if data else "404"
        if way == "off":
            self.connection.close()
            return
        self.send_response(int(way) if way.isdecimal() else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write({"200": data, "half": data[: len(data) // 2]}.get(way, b""))

    def log_message(self, *_: object) -> None:
        pass


def _png(seed: int) -> bytes:
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        synthetic(seed).save(file.name)
        return Path(file.name).read_bytes()


@pytest.fixture
def web(monkeypatch) -> Iterator[WebServer]:
    pytest.importorskip("aiohttp")
    monkeypatch.setattr(patience, "FIRST_DELAY", 0)
    served = WebServer()
    yield served
    served.server.shutdown()
    served.server.server_close()


def job(web: WebServer, folder: Path, name: str, **changes: object) -> GenerateConfig:
    """A job of three shards; the second picture isn't there, for good."""
    rows = [{"file": f"{web.url}/{i}.png"} for i in (0, 99, *range(1, PICTURES))]
    (folder / "list.jsonl").write_text("\n".join(map(json.dumps, rows)))
    settings = SMALL | {"shard_size": 3, "max_retries": 0, "size": 32, "strokes": 5, "frames": 2} | changes
    return GenerateConfig(source=str(folder / "list.jsonl"), out=folder / name, **settings)


def failures(config: GenerateConfig) -> list[tuple[str, str]]:
    found = (failure for sidecar in read_sidecars(config.store) for failure in sidecar.failures)
    return [(failure.source.rpartition("/")[2], failure.reason) for failure in found]


def same_after_an_outage(web: WebServer, folder: Path, undisturbed: Path, moment: int, way: str) -> int:
    """Break the server after so many answers, run, mend it, run again: the corpus must be the undisturbed one.

    Returns:
        how many shards failed meanwhile.
    """
    config = job(web, folder, f"broken-{moment}-{way}")
    web.breaks_after(moment, way)
    first = quietly(config)
    assert all(web.url in error for error in first.errors.values())
    assert len(first.errors) == len(first.missing)
    web.breaks_after(sys.maxsize, way)
    assert quietly(config).complete
    assert tar_bytes(Path(config.out)) == tar_bytes(undisturbed)
    assert (Path(config.out) / "manifest.json").read_bytes() == (undisturbed / "manifest.json").read_bytes()
    assert failures(config) == [("99.png", "missing")]
    return len(first.errors)


def test_a_server_that_was_down_costs_no_picture(web, tmp_path):
    assert quietly(job(web, tmp_path, "undisturbed")).complete
    random_ = random.Random(5)
    for way in random_.sample(WebServer.WAYS, 2):
        assert same_after_an_outage(web, tmp_path, tmp_path / "undisturbed", random_.randrange(6), way) > 0


def test_skipped_pictures_are_named_and_made_later(web, tmp_path):
    assert quietly(job(web, tmp_path, "undisturbed")).complete
    web.breaks_after(2, "503")
    assert quietly(job(web, tmp_path, "skipping", unreachable="skip")).complete
    lost = failures(job(web, tmp_path, "skipping"))
    assert ("99.png", "missing") in lost
    assert ("5.png", "unreachable") in lost
    still = quietly(job(web, tmp_path, "skipping", retry_failed=True))
    assert (len(still.errors), still.complete) == (3, True)
    assert failures(job(web, tmp_path, "skipping")) == lost
    web.breaks_after(sys.maxsize, "503")
    assert quietly(job(web, tmp_path, "skipping")).meter.painted == 0
    assert quietly(job(web, tmp_path, "skipping", retry_failed=True)).complete
    assert tar_bytes(tmp_path / "skipping") == tar_bytes(tmp_path / "undisturbed")


if __name__ == "__main__":
    patience.FIRST_DELAY = 0.01
    drawn, lost, web_ = random.Random(1), 0, WebServer()
    with tempfile.TemporaryDirectory() as place:
        quietly(job(web_, Path(place), "undisturbed"))
        for _ in range(int(sys.argv[1])):
            moment, way = drawn.randrange(7), drawn.choice(WebServer.WAYS)
            lost += same_after_an_outage(web_, Path(place), Path(place) / "undisturbed", moment, way)
            print(moment, way, lost, flush=True)
