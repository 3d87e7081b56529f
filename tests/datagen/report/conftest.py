"""A corpus whose captions and names are after the page that shows them, and visits by a browser."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.datagen.conftest import Configure
from tests.datagen.helpers import quietly, synthetic
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.server import make_server

SCRIPT = "<script>alert(1)</script>"
IMAGE = "</script><img src=x onerror=alert(2)> & 'quotes' \"too\""


@pytest.fixture(scope="session")
def hostile(configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of six pictures in two media, twelve samples; two sources were skipped. Not to be changed."""
    folder = tmp_path_factory.mktemp("hostile")
    captions = [SCRIPT, IMAGE, "a red barn", "a green barn", "a red boat", None]
    for index in range(len(captions)):
        synthetic(index).save(folder / f"p{index}.png")
    (folder / "<b onclick=alert(3)>bad.jpg").write_text("no")
    (folder / "empty.png").touch()
    rows = [{"file": f"p{index}.png", "caption": caption} for index, caption in enumerate(captions) if caption]
    rows[0] |= {"license": "CC0 <b>", "url": "javascript:alert(4)"}
    (folder / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path_factory.mktemp("hostile") / "corpus <i>"
    assert quietly(configure(out, source=str(folder), renderer="bezier,oil")).complete
    return out


@pytest.fixture(scope="module")
def port(hostile: Path) -> Iterator[int]:
    """The port of a server that shows the corpus."""
    with make_server(Corpus(hostile)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


class Visit:
    """A page in a browser; whatever it says or asks for that it shouldn't ends up in `complaints`."""

    def __init__(self, browser: Any, address: str) -> None:
        self.context = browser.new_context(viewport={"width": 1200, "height": 900})
        self.tab = self.context.new_page()
        self.complaints: list[str] = []
        self.requested: list[str] = []
        self.tab.on("console", lambda message: self.complaints.append(message.text))
        self.tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.tab.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.tab.on("request", lambda request: self.requested.append(request.url))
        self.tab.goto(address)

    def pictures_seen(self, card: Any, wanted: int, tries: int = 80) -> int:
        """How many different pictures a card shows while it is looked at, up to `wanted`."""
        seen: set[bytes] = set()
        for _ in range(tries):
            seen.add(card.locator(".picture").screenshot())
            if len(seen) >= wanted:
                break
            self.tab.wait_for_timeout(50)
        return len(seen)


@pytest.fixture
def visit(browser: Any) -> Iterator[Any]:
    """Open an address."""
    visits: list[Visit] = []

    def go(address: str) -> Visit:
        visits.append(Visit(browser, address))
        return visits[-1]

    yield go
    for each in visits:
        each.context.close()
