"""Servers and mounts that go away in the middle of a job; by hand: `python -m tests.datagen.outages ROUNDS WORKERS`."""

from __future__ import annotations

import http.server
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.datagen.helpers import ROOT, start, synthetic, tar_bytes

SMALL = ("--size", "16", "--strokes", "3", "--frames", "2", "--quality", "draft", "--shard-size", "3")
PICTURES = 8

# What a server does to a request when it is out of order.
WAYS = ("closes", "cuts", "says 503", "says 429", "says 408", "sends no HTTP")


@dataclass
class Web:
    """A web server of the files in a folder, which is out of order when it is told to be.

    Attributes:
        answers: how many requests for files are answered before it breaks; None for all.
        way: of `WAYS`.
    """

    folder: Path
    answers: int | None = None
    way: str = "closes"
    asked: int = 0
    statuses: dict[str, int] = field(default_factory=dict)
    url: str = ""
    ranges: bool = True

    def broken(self) -> bool:
        self.asked += 1
        return self.answers is not None and self.asked > self.answers

    def respond(self, handler: http.server.BaseHTTPRequestHandler, *, with_body: bool) -> None:
        name = handler.path.lstrip("/")
        if name in self.statuses:
            handler.send_error(self.statuses[name])
            return
        path = self.folder / name
        if not path.is_file():
            handler.send_error(404)
            return
        data, broken = path.read_bytes(), self.broken()
        if broken and self.way.startswith("says"):
            handler.send_error(int(self.way.split()[-1]))
            return
        if broken and self.way == "dies":
            self._send(handler, data, broken=self.asked % 2 == 0, with_body=with_body)
            os.kill(os.getpid(), signal.SIGKILL)
        if broken and self.way != "cuts":
            if self.way != "closes":
                handler.wfile.write(b"gibberish\r\n\r\n")
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        self._send(handler, data, broken=broken, with_body=with_body)

    def _send(self, handler: Any, data: bytes, *, broken: bool, with_body: bool) -> None:
        asked = handler.headers.get("Range") if self.ranges else None
        handler.send_response(206 if asked else 200)
        if asked:
            first, _, last = asked.removeprefix("bytes=").partition("-")
            size, end = len(data), min(int(last or len(data)) + 1, len(data))
            data = data[int(first) : end]
            handler.send_header("Content-Range", f"bytes {first}-{end - 1}/{size}")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        if with_body:
            handler.wfile.write(data[: len(data) // 2] if broken else data)
            if broken:
                handler.close_connection = True
                handler.connection.shutdown(socket.SHUT_RDWR)


class _Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def serving(folder: Path, port: int = 0, **options: Any) -> Iterator[Web]:
    """Serve a folder; at the end of the block connections are refused."""
    web = Web(folder, **options)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            web.respond(self, with_body=True)

        def do_HEAD(self) -> None:
            web.respond(self, with_body=False)

        def log_message(self, *args: object) -> None:
            pass

    with _Quiet(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        web.url = f"http://127.0.0.1:{server.server_port}"
        yield web
        server.shutdown()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_pictures(folder: Path, count: int = PICTURES) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{index}.png" for index in range(count)]
    for index, name in enumerate(names):
        synthetic(index, (40, 32)).save(folder / name)
    return names


def write_list(path: Path, urls: list[str]) -> None:
    path.write_text("".join(json.dumps({"file": url}) + "\n" for url in urls))


# --- by hand: a server in a process of its own, which is killed and comes back


def _server(folder: Path, port: int, answers: int) -> subprocess.Popen[bytes]:
    """Start a server that is killed with the answer after so many, or in the middle of it."""
    code = (
        "import sys, time; from pathlib import Path; from tests.datagen.outages import serving\n"
        "with serving(Path(sys.argv[1]), int(sys.argv[2]), answers=int(sys.argv[3]), way='dies'): time.sleep(600)"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    server = subprocess.Popen([sys.executable, "-c", code, str(folder), str(port), str(answers)], env=environment)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return server


def _job(source: Path, out: Path, workers: int) -> tuple[int, str]:
    job = start("generate", "--source", source, "--out", out, *SMALL, "--workers", workers, "--max-retries", 0)
    said = "".join(job.communicate())
    return job.returncode, said


def disturb(rounds: int, workers: int, seed: int = 0) -> None:
    """Kill the server at drawn moments of a job, have it come back, and compare what becomes of it."""
    chance, folder, port, count = random.Random(seed), Path(tempfile.mkdtemp()), free_port(), 30
    names = write_pictures(folder / "in", count)
    write_list(folder / "list.jsonl", [f"http://127.0.0.1:{port}/{name}" for name in names])
    kept = 0
    for number in range(-1, rounds):
        out = folder / ("wanted" if number < 0 else "out")
        if number >= 0:
            server = _server(folder / "in", port, chance.randrange(count))
            status, said = _job(folder / "list.jsonl", out, workers)
            assert status == 1, said
            assert "is out of reach" in said
            assert server.wait() == -signal.SIGKILL
            kept += len(list(out.glob("*.json")))
        server = _server(folder / "in", port, 10**9)
        status, said = _job(folder / "list.jsonl", out, workers)
        server.kill()
        server.wait()
        assert status == 0, said
        assert tar_bytes(out) == tar_bytes(folder / "wanted"), number
        assert (out / "manifest.json").read_bytes() == (folder / "wanted" / "manifest.json").read_bytes()
        if number >= 0:
            shutil.rmtree(out)
            print(f"round {number}: equal", flush=True)
    print(f"{rounds} rounds with workers {workers}: all equal; {kept} shards and files of the job were kept")


if __name__ == "__main__":
    disturb(int(sys.argv[1]), int(sys.argv[2]))
