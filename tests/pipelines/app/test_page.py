from __future__ import annotations

import io
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.pipelines.conftest import FRAMES, picture
from underpaint.pipelines.cli import main


def test_without_gradio(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.delitem(sys.modules, "underpaint.pipelines.app.page", raising=False)
    assert main(["app"]) == 2
    assert capsys.readouterr().err == "underpaint app: the page needs gradio: pip install 'underpaint[app]'\n"


@pytest.fixture(scope="module")
def installed() -> None:
    """Skip where the page's own libraries are missing."""
    pytest.importorskip("gradio", exc_type=ImportError)
    pytest.importorskip("diffusers")


class Visit:
    """A page in a browser, and who was asked for something meanwhile."""

    def __init__(self, browser: Any, address: str) -> None:
        self.tab = browser.new_context().new_page()
        self.requested: list[str] = []
        self.tab.on("request", lambda request: self.requested.append(request.url))
        self.tab.goto(address)
        self.slider = self.tab.locator("#time input[type=range]")
        self.canvas = self.tab.locator("#canvas img")

    def button(self, name: str) -> Any:
        return self.tab.get_by_role("button", name=name, exact=True)

    def show(self, file: Path) -> None:
        self.tab.locator("#picture input[type=file]").set_input_files(file)
        self.tab.get_by_text(file.name).wait_for()

    def choose(self, *, lora: str, steps: int) -> None:
        self.tab.get_by_text("Settings", exact=True).click()
        self.tab.get_by_label("number input for Steps").fill(str(steps))
        self.tab.get_by_label("LoRA", exact=True).click()
        self.tab.get_by_role("option", name=lora).click()

    def wait_for_frame(self, expected: Any) -> None:
        """Until the canvas shows exactly this."""
        seen: Any = None
        for _ in range(100):
            source = self.canvas.get_attribute("src") if self.canvas.count() else None
            if source:
                with Image.open(io.BytesIO(self.tab.request.get(source).body())) as image:
                    seen = np.asarray(image.convert("RGB"))
                if np.array_equal(seen, expected):
                    return
            self.tab.wait_for_timeout(100)
        raise AssertionError(f"another frame: {seen if seen is None else seen.shape}")


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
def test_a_visit(
    installed: None, browser: Any, small: Path, tmp_path: Path, connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "cache"))

    from underpaint.pipelines.app.config import AppConfig
    from underpaint.pipelines.app.page import build, launch
    from underpaint.pipelines.app.studio import Studio, paint_config
    from underpaint.pipelines.callback import Callback

    file, broken = tmp_path / "hill.png", tmp_path / "broken.png"
    Image.fromarray(picture(1, (48, 32))).save(file)
    broken.write_bytes(b"no picture")
    app = AppConfig(models=small, device="cpu", fps=20)
    studio = Studio(app)
    config = paint_config(app, task="reconstruct", picture=str(file), lora="artist-x", steps=2)
    expected = studio.paint(config, Callback()).frames

    page = build(studio, tmp_path / "files")
    address, public = launch(page, app)
    assert public is None
    try:
        visit = Visit(browser, address)
        visit.show(file)
        visit.choose(lora="artist-x", steps=2)
        visit.button("Paint").click()
        visit.wait_for_frame(expected[-1])
        assert visit.slider.get_attribute("max") == str(FRAMES - 1)

        visit.slider.fill("1")
        visit.wait_for_frame(expected[1])
        visit.slider.fill("0")
        visit.wait_for_frame(expected[0])
        visit.button("Play").click()
        visit.wait_for_frame(expected[-1])
        visit.button("Play").wait_for()
        assert visit.slider.input_value() == str(FRAMES - 1)

        shutil.rmtree(tmp_path / "files")  # the next painting's
        with visit.tab.expect_download() as download:
            visit.button("WebP").or_(visit.tab.get_by_role("link", name="WebP")).first.click()
        assert download.value.suggested_filename == "hill.webp"
        with Image.open(download.value.path()) as animation:
            assert animation.n_frames == FRAMES

        assert any((tmp_path / "cache").rglob("hill.webp"))
        visit.tab.locator("#picture").get_by_label("Clear").click()
        visit.show(broken)
        visit.button("Paint").click()
        visit.tab.get_by_text("not-a-picture: no known format", exact=True).wait_for()
        visit.wait_for_frame(expected[-1])
        visit.tab.get_by_text("text: from a prompt").click()
        visit.button("Paint").click()
        visit.tab.get_by_text("nothing to paint: give a prompt", exact=True).wait_for()
    finally:
        page.close(verbose=False)
    assert all(url.startswith((address, "data:", "blob:")) for url in visit.requested), visit.requested
    left = [path for path in (tmp_path / "cache").rglob("*") if path.is_file() and path.stat().st_size]
    assert not left, "what was uploaded and painted is gone"
    elsewhere = [each for each in connected if isinstance(each, tuple) and each[0] not in ("127.0.0.1", "::1")]
    assert not elsewhere


def test_a_port_that_is_taken(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("gradio", exc_type=ImportError)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["app", "--models", str(small), "--device", "cpu", "--port", str(port)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"underpaint app: can't serve at 127.0.0.1, port {port}: taken")
    assert len(error.splitlines()) == 1


def test_a_medium_can_be_chosen_where_the_networks_know_some(installed: None, tmp_path: Path) -> None:
    from types import SimpleNamespace

    from underpaint.pipelines.app.config import AppConfig
    from underpaint.pipelines.app.page import build

    media: tuple[str, ...]
    for media, choices in (((), 0), (("ink", "oil"), 1)):
        studio: Any = SimpleNamespace(app=AppConfig(), media=media, frames=4, size=32)
        labels = [getattr(block, "label", None) for block in build(studio, tmp_path).blocks.values()]
        assert labels.count("Medium") == choices
