"""The page itself: its tabs, and how it is served."""

from __future__ import annotations

import logging
import tempfile
import threading
from pathlib import Path

from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.app.corpus_tab import build_corpus_tab
from underpaint.pipelines.app.easel import warm_up
from underpaint.pipelines.app.networks_tab import build_networks_tab
from underpaint.pipelines.app.painting_tab import MEDIA, build_painting_tab
from underpaint.pipelines.app.parts import HERE

import gradio as gr  # isort: skip, parts.py sets how it behaves

_logger = logging.getLogger(__name__)

_HEAD = """
<h1>Underpaint</h1>
<p>How a picture comes to be painted, from the blank sheet to the last stroke.</p>
"""
# Files that are saved are copied by gradio, and swept away; uploads are deleted as soon as they are read.
_SWEEP_EVERY, _KEEP = 600, 3600  # s
# Visitors who wait; more are told to come back.
_MOST_WAITING = 20


def build(app: AppConfig, folder: Path) -> gr.Blocks:
    """Build the page.

    Args:
        app: its settings.
        folder: for the files that are saved; gradio keeps copies for an hour.
    """
    with gr.Blocks(title="Underpaint", analytics_enabled=False, delete_cache=(_SWEEP_EVERY, _KEEP)) as page:
        gr.HTML(_HEAD, elem_id="head", apply_default_css=False)
        with gr.Tabs():
            with gr.Tab("Paint"):
                build_painting_tab(app, folder / "film")
            with gr.Tab("Networks") as networks:
                build_networks_tab(app, folder / "process", networks)
            with gr.Tab("Corpus"):
                build_corpus_tab(app)
    page.queue(max_size=_MOST_WAITING)
    return page


def serve(app: AppConfig) -> None:
    """Serve the page until interrupted.

    Raises:
        OSError: it can't be served there.
    """
    with tempfile.TemporaryDirectory(prefix="underpaint-") as folder:
        page = build(app, Path(folder))
        address, public = launch(page, app)
        print(public or address, flush=True)
        threading.Thread(target=warm_up, args=[MEDIA], daemon=True).start()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            page.close(verbose=False)


def launch(page: gr.Blocks, app: AppConfig) -> tuple[str, str | None]:
    """Begin to serve a page, with nothing from the network; return its address and, if shared, the public one.

    Raises:
        OSError: it can't be served there.
    """
    try:
        _, address, public = page.launch(
            server_name=app.host,
            server_port=app.port,
            share=app.share,
            max_file_size=int(app.max_upload * 1e6),
            css=(HERE / "style.css").read_text(encoding="utf-8"),
            prevent_thread_lock=True,
            quiet=True,
            footer_links=[],
            run_history=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            enable_monitoring=False,
        )
    except OSError as error:
        where = f"{app.host}, port {app.port or 'any'}"
        raise OSError(
            f"can't serve at {where}: taken, or not an address of this machine; try --port, --host"
        ) from error
    return address, public
