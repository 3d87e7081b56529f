"""What the tabs are made of: the stage, the line that says what goes on, and buttons that save."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from underpaint.pipelines.app.lines import said, wrong
from underpaint.pipelines.app.waiting import while_it_runs

# Before gradio is imported: it would report to its makers, and ask for newer versions.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

HERE = Path(__file__).parent
# Of events that answer at once, and are no part of an API.
AT_ONCE: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
# Of buttons that paint: the machine paints one picture at a time, others wait in line.
IN_TURN: dict[str, Any] = {
    "concurrency_limit": 1,
    "concurrency_id": "painting",
    "trigger_mode": "always_last",
    "api_visibility": "private",
    "show_progress": "minimal",
}
# A picture by its kind, or by suffixes whose kind browsers don't know.
PICTURES = ["image", ".heic", ".heif", ".avif", ".tif", ".tiff"]
# The hidden button that downloads takes its address a moment after the event.
_FOLLOW = "() => setTimeout(() => document.getElementById('%s').click(), 100)"


def make_stage(shown: dict[str, Any] | None = None) -> gr.HTML:
    """Return where a process is seen, with a slider through time and a button that plays it.

    Args:
        shown: at first; see `shown.stage`.
    """
    return gr.HTML(
        shown,
        html_template=(HERE / "stage.html").read_text(encoding="utf-8"),
        js_on_load=(HERE / "stage.js").read_text(encoding="utf-8"),
        elem_classes="stage",
        apply_default_css=False,
    )


def make_note(text: str = "") -> gr.HTML:
    """Return the place of one line that says what goes on, or what went wrong."""
    return gr.HTML(said(text), elem_classes="note", apply_default_css=False)


def make_saves(
    names: Sequence[str], painting: gr.State, note: gr.HTML, folder: Path, write: Callable[[Any, Path, str], Path]
) -> list[gr.Button]:
    """Add buttons that write a painting when they are clicked, and save it.

    Args:
        names: of the buttons, `MP4`; in small letters they are what is written.
        painting: holds what `write` gets.
        note: says what goes on.
        folder: for the file of the moment; gradio keeps copies.
        write: writes a painting into a folder as what the name says; returns the file.
    """
    link = gr.DownloadButton(visible="hidden", elem_id=f"save-{folder.name}")

    def save(painting: Any, kind: str) -> Iterator[list[Any]]:
        try:
            if painting is None:  # after an hour
                raise ValueError("the painting is no longer in memory: paint again")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            path = yield from while_it_runs(
                lambda: write(painting, folder, kind), lambda: [gr.skip(), said(f"writing {kind}")]
            )
            yield [gr.DownloadButton(value=str(path)), said(f"{path.name}, {path.stat().st_size / 1e6:.1f} MB")]
        except (ValueError, OSError) as error:
            yield [gr.DownloadButton(value=None), wrong(error)]

    buttons = []
    with gr.Row(elem_classes="saves"):
        for name in names:
            buttons.append(gr.Button(name, interactive=False, size="sm", min_width=80))
            # One at a time: each begins with an empty folder.
            buttons[-1].click(
                save,
                [painting, gr.State(name.lower())],
                [link, note],
                concurrency_limit=1,
                concurrency_id="save",
                api_visibility="private",
                show_progress="hidden",
            ).success(None, js=_FOLLOW % link.elem_id)
    return buttons
