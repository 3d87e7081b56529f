"""The second tab: trained networks paint, from a prompt, towards a picture or on from one."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from underpaint.datagen.pictures.picture import BadPicture
from underpaint.extras import EXTRAS, missing
from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.app.lines import said, wrong
from underpaint.pipelines.app.parts import AT_ONCE, IN_TURN, PICTURES, make_note, make_saves, make_stage
from underpaint.pipelines.app.shown import stage
from underpaint.pipelines.app.upload import Upload
from underpaint.pipelines.app.waiting import one_at_a_time, while_it_runs

import gradio as gr  # isort: skip, parts.py sets how it behaves

if TYPE_CHECKING:
    from underpaint.pipelines.app.studio import Studio

_logger = logging.getLogger(__name__)

_TASKS = [
    ("text: from a prompt", "text"),
    ("reconstruct: towards a finished picture", "reconstruct"),
    ("complete: on from a half-finished picture", "complete"),
]

_WINDOW = 16  # frames; AnimateDiff's, until the networks are loaded


def lacking() -> str:
    """Return the line that says how to get what networks need; empty if it is there."""
    for module in EXTRAS["train"][:2]:
        if find_spec(module) is None:
            return str(missing("painting with networks", module, "train"))
    return ""


class LazyStudio:
    """The studio, made when it is first needed: torch and the networks take seconds to load.

    Args:
        app: names the networks.
    """

    def __init__(self, app: AppConfig) -> None:
        self._app, self._lock = app, threading.Lock()
        self._studio: Studio | None = None

    def get(self) -> Studio:
        """Return the studio.

        Raises:
            ValueError: the networks are missing or don't fit.
        """
        from underpaint.pipelines.app.studio import Studio

        with self._lock:
            if self._studio is None:
                self._studio = Studio(self._app)
            return self._studio


def build_networks_tab(app: AppConfig, folder: Path, tab: gr.Tab) -> None:
    """Add what stands in the tab, and connect it.

    Args:
        app: names the networks.
        folder: for the file that is saved.
        tab: it stands in; the networks are loaded when it is first opened.
    """
    if line := lacking():
        gr.HTML(said(line), elem_classes="note", apply_default_css=False)
        return
    studio = LazyStudio(app)
    known = gr.State(False)  # whether what stands in the tab is that of the networks
    painting, picture = gr.State(time_to_live=3600), gr.State(time_to_live=3600)
    with gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="ask"):
            fields, upload = _subject(picture, app)
            button = gr.Button("Paint", variant="primary")
            note = make_note("trained networks paint; those built in know 64 px")
        with gr.Column(elem_classes="look"):
            canvas = make_stage()
            saves = make_saves(["WebP", "MP4", "JSON"], painting, note, folder, _saver(app.fps))
        with gr.Column(elem_classes="tune"):
            fields |= _settings(app)

    def load(seen: bool) -> Iterator[dict[Any, Any]]:
        try:
            loaded = yield from while_it_runs(studio.get, lambda: {note: said("loading torch and the networks")}, 0.2)
        except (ValueError, OSError) as error:
            yield {note: wrong(error)}
            return
        yield {
            fields["frames"]: gr.skip() if seen else gr.Slider(maximum=loaded.frames, value=loaded.frames),
            known: True,
            fields["medium"]: gr.Dropdown([("by the prompt", ""), *loaded.media], visible=bool(loaded.media)),
            fields["size"]: gr.Textbox(placeholder=str(loaded.size)),
            note: said(f"these networks were trained with {loaded.frames} frames of {loaded.size} px"),
        }

    def choose(path: str) -> list[Any]:
        try:
            found = Upload.take(Path(path), max_pixels=int(app.max_megapixels * 1e6))
        except (BadPicture, OSError) as error:
            return [None, gr.skip(), gr.skip(), wrong(error)]
        return [
            None,
            found,
            stage([found.photo.pixels], seconds=1),
            said(f"{found.name}; nothing of it is kept on the server's disk"),
        ]

    def paint(values: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
        given = {name: values[field] for name, field in fields.items()}
        try:
            began = time.monotonic()
            done: list[tuple[int, int]] = [(0, 0)]
            result = yield from while_it_runs(
                one_at_a_time(lambda: _paint(studio.get(), app, given, lambda *counts: done.append(counts))),
                lambda: {note: said("pass {} of {}".format(*done[-1]) if done[-1][1] else "loading the networks")},
            )
        except (ValueError, OSError, BadPicture) as error:
            yield {note: wrong(error)}
            return
        except Exception as error:  # a fault of ours: the page says so, the log has the rest
            _logger.exception("painting failed")
            yield {note: wrong(f"{type(error).__name__}: {error}")}
            return
        from underpaint.pipelines.app.studio import caption

        yield {
            canvas: stage(result.frames, seconds=len(result.frames) / app.fps),
            painting: result,
            note: said(caption(result, time.monotonic() - began)),
            **{save: gr.Button(interactive=True) for save in saves},
        }

    shown = [fields["frames"], fields["medium"], fields["size"], note]
    tab.select(load, known, [known, *shown], api_visibility="private", show_progress="hidden")
    upload.upload(choose, upload, [upload, picture, canvas, note], **AT_ONCE)
    button.click(paint, set(fields.values()), [canvas, note, painting, *saves], show_progress_on=note, **IN_TURN)


def _paint(studio: Studio, app: AppConfig, given: dict[str, Any], report: Any) -> Any:
    from underpaint.pipelines.app.studio import Reporter, paint_config

    upload = given.pop("picture")
    given = {name: None if value == "" and name != "prompt" else value for name, value in given.items()}
    given |= {name: given[name] or None for name in ("steps", "guidance")}
    with tempfile.TemporaryDirectory(prefix="underpaint-") as folder:
        path = upload.write(Path(folder)) if upload and given["task"] != "text" else None
        return studio.paint(paint_config(app, picture=path and str(path), **given), Reporter(report))


def _saver(fps: float) -> Any:
    def write(painting: Any, folder: Path, kind: str) -> Path:
        from underpaint.pipelines.app.studio import save

        return save(painting, folder, kind, fps=fps)

    return write


def _subject(picture: gr.State, app: AppConfig) -> tuple[dict[str, Any], gr.File]:
    """What is to be painted, by the names that `paint_config` knows; and where pictures are uploaded."""
    task = gr.Radio(_TASKS, value="reconstruct", label="Task", elem_classes="radios")
    upload = gr.File(file_types=PICTURES, label="Picture", show_label=False, height=96, elem_id="picture")
    prompt = gr.Textbox(label="Prompt", placeholder="a red barn", info="what the finished picture shows")
    task.change(lambda task: gr.File(visible=task != "text"), task, upload, **AT_ONCE)
    return {"task": task, "picture": picture, "prompt": prompt}, upload


def _settings(app: AppConfig) -> dict[str, Any]:
    """How it is to be painted, by the names that `paint_config` knows."""
    from underpaint.pipelines.app.studio import lora_names

    how: dict[str, Any] = {}
    narrow: dict[str, Any] = {"min_width": 140, "buttons": []}
    with gr.Accordion("Settings", open=False):
        with gr.Row():
            how["lora"] = gr.Dropdown([("none", ""), *lora_names(app.models)], value="", label="LoRA", min_width=140)
            how["weight"] = gr.Slider(0, 2, value=1, step=0.05, label="LoRA weight", **narrow)
        with gr.Row():
            how["steps"] = gr.Slider(
                0, 100, value=0, step=1, label="Steps", info="0: what suits the networks", **narrow
            )
            how["frames"] = gr.Slider(2, _WINDOW, value=_WINDOW, step=1, label="Frames", **narrow)
        with gr.Row():
            how["guidance"] = gr.Slider(
                0, 15, value=0, step=0.5, label="Guidance", info="0: what suits; above 1 twice the time", **narrow
            )
            how["conditioning_scale"] = gr.Slider(
                0, 2, value=1, step=0.05, label="Conditioning scale", info="strength of the picture", **narrow
            )
        how["medium"] = gr.Dropdown(
            [("by the prompt", "")], value="", label="Medium", info="of words that name none: oil", visible=False
        )
        how["negative_prompt"] = gr.Textbox(label="Negative prompt", info="with a guidance above 1")
        with gr.Row():
            how["seed"] = gr.Number(
                0, precision=0, minimum=0, label="Seed", info="another one, another painting", min_width=140
            )
            how["size"] = gr.Textbox(label="Size", info="short side, or 768x512", min_width=140)
        how["inversion"] = gr.Checkbox(label="Inversion", info="begin with noise made of the picture")
    return how
