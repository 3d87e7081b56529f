from __future__ import annotations

import base64
import io
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pictures import load_picture
from tests.pipelines.conftest import FRAMES, picture
from tests.pipelines.light import run_without
from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.cli import main


def test_without_gradio(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.delitem(sys.modules, "underpaint.pipelines.app.page", raising=False)
    assert main(["app"]) == 2
    assert capsys.readouterr().err == "underpaint app: the page needs gradio: pip install 'underpaint[app]'\n"


class Visit:
    """A page in a browser, and who was asked for something meanwhile."""

    def __init__(self, browser: Any, address: str, width: int = 1440) -> None:
        self.tab = browser.new_context(viewport={"width": width, "height": 900}).new_page()
        self.requested: list[str] = []
        self.tab.on("request", lambda request: self.requested.append(request.url))
        self.tab.goto(address)

    def button(self, name: str) -> Any:
        return self.tab.get_by_role("button", name=name, exact=True).locator("visible=true")

    def seen(self, selector: str) -> Any:
        return self.tab.locator(selector).locator("visible=true")

    def show(self, file: Path, where: str) -> None:
        self.tab.locator(f"#{where} input[type=file]").set_input_files(file)

    def set_slider(self, label: str, value: str) -> None:
        """Type a number beside a slider, and wait until the slider, and so the page, has taken it."""
        import playwright.sync_api as api

        self.tab.get_by_label(f"number input for {label}").fill(value)
        self.tab.keyboard.press("Tab")
        api.expect(self.tab.get_by_label(f"range slider for {label}")).to_have_value(value, timeout=60_000)

    def wait_for(self, text: str) -> None:
        self.tab.get_by_text(re.compile(text)).locator("visible=true").first.wait_for(timeout=60_000)

    def frame(self, number: int) -> Any:
        """What the canvas shows at a frame."""
        self.seen(".stage input[type=range]").fill(str(number))
        source = self.seen(".stage img").get_attribute("src")
        with Image.open(io.BytesIO(base64.b64decode(source.partition("base64,")[2]))) as image:
            return np.asarray(image.convert("RGB"))

    def save(self, name: str) -> Any:
        with self.tab.expect_download() as download:
            self.button(name).click()
        return download.value

    @property
    def overflows(self) -> bool:
        return bool(self.tab.evaluate("document.documentElement.scrollWidth > innerWidth"))


@contextmanager
def served(app: AppConfig, folder: Path) -> Iterator[str]:
    from underpaint.pipelines.app.page import build, launch

    page = build(app, folder)
    address, public = launch(page, app)
    assert public is None
    try:
        yield address
    finally:
        page.close(verbose=False)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where gradio keeps uploads, and copies of what is saved."""
    pytest.importorskip("gradio", exc_type=ImportError)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


def kept(cache: Path) -> set[str]:
    return {path.name for path in cache.rglob("*") if path.is_file() and path.stat().st_size}


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Addresses that this process connects to."""
    addresses: list[Any] = []
    connect = socket.socket.connect

    def noted(self: socket.socket, address: Any) -> None:
        addresses.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noted)
    return addresses


@pytest.mark.slow
def test_a_photo_is_painted(cache: Path, browser: Any, tmp_path: Path, connected: list[Any]) -> None:
    hill, letter = tmp_path / "hill.png", tmp_path / "letter.png"
    Image.fromarray(load_picture("coffee", (128, 192))).save(hill)
    letter.write_bytes(b"a letter to nobody")
    (tmp_path / "letter.txt").write_bytes(b"a letter to nobody")
    heavy = tmp_path / "heavy.png"
    heavy.write_bytes(hill.read_bytes() + bytes(300_000))
    with served(AppConfig(max_upload=0.2), tmp_path / "files") as address:
        visit = Visit(browser, address)
        visit.show(tmp_path / "letter.txt", "photo")
        visit.wait_for("Invalid file type: letter.txt")
        visit.show(heavy, "photo")
        visit.wait_for("exceed the maximum allowed size")
        visit.show(letter, "photo")
        visit.wait_for("^not-a-picture: no known format$")
        visit.show(hill, "photo")
        visit.wait_for("^192 × 128 px; nothing of it is kept")
        assert kept(cache) == set()

        visit.tab.get_by_text("Settings", exact=True).locator("visible=true").click()
        visit.set_slider("Strokes", "100")
        for medium in ("pencil", "bezier"):
            visit.tab.get_by_label(medium, exact=True).check(force=True)
            visit.button("Paint").click()
            visit.wait_for(rf"^[\d,]+ strokes in {medium}, 192 × 128 px")
        last = visit.tab.locator(".stage input[type=range]").first.get_attribute("max")
        assert last == "71"
        assert visit.frame(0).min() == 255, "the blank sheet"
        assert visit.frame(71).shape == (128, 192, 3)
        assert visit.frame(71).min() < 128

        svg = visit.save("SVG")
        assert svg.suggested_filename == "hill-bezier.svg"
        assert Path(svg.path()).read_text().count("<path") == 100
        assert kept(cache) == {"hill-bezier.svg"}, "only what was saved, for an hour"
        assert not visit.overflows
        assert not Visit(browser, address, width=390).overflows
    assert all(url.startswith((address, "data:", "blob:")) for url in visit.requested), visit.requested
    assert kept(cache) == set()
    elsewhere = [each for each in connected if isinstance(each, tuple) and each[0] not in ("127.0.0.1", "::1")]
    assert not elsewhere


@pytest.mark.slow
def test_networks_paint(cache: Path, browser: Any, small: Path, tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    from underpaint.pipelines.app.studio import Studio, paint_config
    from underpaint.pipelines.callback import Callback

    file = tmp_path / "hill.png"
    Image.fromarray(picture(1, (48, 32))).save(file)
    app = AppConfig(models=small, device="cpu", fps=20)
    config = paint_config(app, task="reconstruct", picture=str(file), lora="artist-x", steps=2)
    expected = Studio(app).paint(config, Callback()).frames
    with served(app, tmp_path / "files") as address:
        visit = Visit(browser, address)
        visit.tab.get_by_role("tab", name="Networks").click()
        visit.wait_for(f"^these networks were trained with {FRAMES} frames")
        visit.show(file, "picture")
        visit.wait_for("^hill.png; nothing of it is kept")
        assert kept(cache) == set()
        visit.tab.get_by_text("Settings", exact=True).locator("visible=true").click()
        visit.set_slider("Steps", "2")
        visit.tab.get_by_label("LoRA", exact=True).click()
        visit.tab.get_by_role("option", name="artist-x").click()
        visit.button("Paint").click()
        visit.wait_for(f"^{FRAMES} frames of")
        for number in (FRAMES - 1, 0, 1):
            assert np.array_equal(visit.frame(number), expected[number])
        webp = visit.save("WebP")
        assert webp.suggested_filename == "hill.webp"
        with Image.open(webp.path()) as animation:
            assert animation.n_frames == FRAMES
        visit.tab.get_by_label("text: from a prompt").check(force=True)
        visit.button("Paint").click()
        visit.wait_for("^nothing to paint: give a prompt$")


def test_where_networks_are_not_installed_a_line_says_how_to_get_them(
    cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from underpaint.pipelines.app import networks_tab, page

    monkeypatch.setattr(networks_tab, "find_spec", lambda module: None)
    shown = [str(block.value) for block in page.build(AppConfig(), tmp_path).blocks.values() if hasattr(block, "value")]
    assert any(
        "painting with networks needs torch: pip install &#x27;underpaint[train]&#x27;" in each for each in shown
    )


def test_no_path_can_be_typed_where_others_are_let_in(cache: Path, tmp_path: Path) -> None:
    from underpaint.pipelines.app.page import build

    for app, fields in ((AppConfig(), 1), (AppConfig(host="0.0.0.0"), 0), (AppConfig(share=True), 0)):
        labels = [getattr(block, "label", None) for block in build(app, tmp_path).blocks.values()]
        assert labels.count("Corpus") - 1 == fields, "beside the tab of that name"


def test_a_port_that_is_taken_and_no_torch() -> None:
    pytest.importorskip("gradio", exc_type=ImportError)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run_without({"torch", "diffusers"}, "app", "--port", str(port))
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(f"underpaint app: can't serve at 127.0.0.1, port {port}: taken")
    assert len(done.stderr.splitlines()) == 1
