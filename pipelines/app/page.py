"""The page itself: what stands where, and what happens at a click."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from underpaint.datagen.pictures.picture import BadPicture
from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.app.studio import (
    Reporter,
    Studio,
    beginning,
    caption,
    following,
    frame_at,
    lora_names,
    one_line,
    paint_config,
    save,
)

# Before gradio is imported: it would report to its makers, and ask for newer versions.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr

_logger = logging.getLogger(__name__)

_TASKS = [
    ("text: from a prompt", "text"),
    ("reconstruct: towards a finished picture", "reconstruct"),
    ("complete: on from a half-finished picture", "complete"),
]
# Frames of nano are small; smoothing would hide what was painted. What went wrong stands in a box of its own.
_CSS = """
#canvas img { width: 100%; height: 100%; object-fit: contain; image-rendering: pixelated; }
#note .error, #note .clear-status { display: none; }
"""
# Of what people upload and what is painted, while the page is served; all goes when it ends.
_SWEEP_EVERY, _KEEP = 3600, 24 * 3600  # s


def build(studio: Studio, folder: Path) -> gr.Blocks:
    """Build the page.

    Args:
        studio: paints.
        folder: for the files of the last painting alone; gradio keeps copies.
    """
    with gr.Blocks(title="Underpaint", analytics_enabled=False, delete_cache=(_SWEEP_EVERY, _KEEP)) as page:
        gr.Markdown(
            "# Underpaint\nPictures and prompts to painting processes, from the blank sheet to the last stroke."
        )
        frames = gr.State()
        with gr.Row():
            with gr.Column(scale=2):
                fields = _subject()
                button = gr.Button("Paint", variant="primary")
                # Progress shows here, so that the last painting can still be looked at.
                note = gr.Markdown(min_height=72, elem_id="note")
                fields |= _settings(studio)
            with gr.Column(scale=3):
                canvas = gr.Image(
                    label="Canvas",
                    format="png",  # lossless
                    height=480,
                    interactive=False,
                    buttons=["fullscreen"],
                    elem_id="canvas",
                    alt_text="the painting at the chosen frame",
                )
                with gr.Row(equal_height=True):
                    slider = gr.Slider(
                        0, 1, step=1, label="Frame", interactive=False, buttons=[], scale=4, elem_id="time"
                    )
                    play = gr.Button("Play", interactive=False, scale=1, min_width=80)
                with gr.Row():
                    files = [gr.DownloadButton(name, interactive=False) for name in ("WebP", "MP4", "Settings (JSON)")]
        _connect_painting(studio, folder, button, fields, [frames, slider, canvas, play, note, *files])
        _connect_time(studio.app.fps, frames, slider, canvas, play)
    return page


def _subject() -> dict[str, Any]:
    """What is to be painted, by the names that `paint_config` knows."""
    task = gr.Radio(_TASKS, value="reconstruct", label="Task")
    with gr.Column() as pictured:
        # An input of pictures would decode the file; here datagen does, and says what is wrong with it.
        picture = gr.File(file_types=["image"], label="Picture", height=110, elem_id="picture")
        look = gr.Image(
            interactive=False, visible=False, show_label=False, buttons=[], height=200, alt_text="the picture"
        )
    prompt = gr.Textbox(label="Prompt", placeholder="a red barn", info="what the finished picture shows")
    private = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
    picture.change(lambda path: gr.Image(path, visible=path is not None), picture, look, **private)
    task.change(lambda task: gr.Column(visible=task != "text"), task, pictured, **private)
    return {"task": task, "picture": picture, "prompt": prompt}


def _settings(studio: Studio) -> dict[str, Any]:
    """How it is to be painted, by the names that `paint_config` knows."""
    how: dict[str, Any] = {}
    with gr.Accordion("Settings", open=False):
        with gr.Row():
            how["lora"] = gr.Dropdown([("none", ""), *lora_names(studio.app.models)], value="", label="LoRA")
            how["weight"] = gr.Slider(0, 2, value=1, step=0.05, label="LoRA weight")
        with gr.Row():
            how["steps"] = gr.Slider(1, 100, value=50, step=1, label="Steps")
            how["frames"] = gr.Slider(2, studio.frames, value=studio.frames, step=1, label="Frames")
        with gr.Row():
            how["guidance"] = gr.Slider(1, 15, value=1, step=0.5, label="Guidance", info="above 1 twice the time")
            how["conditioning_scale"] = gr.Slider(
                0, 2, value=1, step=0.05, label="Conditioning scale", info="strength of the picture"
            )
        if studio.media:
            how["medium"] = gr.Dropdown(
                [("none", ""), *studio.media], value="", label="Medium", info="before the prompt"
            )
        how["negative_prompt"] = gr.Textbox(label="Negative prompt", info="with a guidance above 1")
        with gr.Row():
            how["seed"] = gr.Number(0, precision=0, minimum=0, label="Seed", info="another one, another painting")
            how["size"] = gr.Textbox(str(studio.size), label="Size", info="short side, or 768x512")
        how["inversion"] = gr.Checkbox(label="Inversion", info="begin with noise made of the picture")
    return how


def _connect_painting(
    studio: Studio, folder: Path, button: gr.Button, fields: dict[str, Any], outputs: list[Any]
) -> None:
    """Paint at a click; `outputs` are frames, slider, canvas, play button, note and downloads."""

    def paint(values: dict[Any, Any], progress: Any = gr.Progress()) -> list[Any]:  # noqa: B008, gradio's way
        began = time.monotonic()
        reporter = Reporter(lambda done, passes: progress(done / passes, desc=f"pass {done} of {passes}"))
        try:
            config = paint_config(studio.app, **{name: values[field] for name, field in fields.items()})
            painting = studio.paint(config, reporter)
            shutil.rmtree(folder, ignore_errors=True)  # of the painting before; gradio has copies
            written = save(painting, folder, fps=studio.app.fps)
        except (ValueError, OSError, BadPicture) as error:
            raise gr.Error(one_line(error), duration=None, print_exception=False) from error
        except Exception as error:  # a fault of ours: the page says so, the log has the rest
            _logger.exception("painting failed")
            raise gr.Error(f"{type(error).__name__}: {one_line(error)}", duration=None) from error
        last = len(painting.frames) - 1
        return [
            painting.frames,
            gr.Slider(maximum=last, value=last, interactive=True),
            frame_at(painting.frames, last),
            gr.Button("Play", interactive=True),
            caption(painting, time.monotonic() - began),
            *(gr.DownloadButton(value=str(path), interactive=True) for path in written),
        ]

    # The networks paint one at a time; others wait in line.
    private = {"concurrency_limit": 1, "api_visibility": "private", "show_progress_on": outputs[4]}
    button.click(paint, set(fields.values()), outputs, **private)


def _connect_time(fps: float, frames: gr.State, slider: gr.Slider, canvas: gr.Image, play: gr.Button) -> None:
    """Move through time by hand, or let it play."""
    timer, at_once = gr.Timer(1 / fps, active=False), {"queue": False, "show_progress": "hidden"}
    private = {"api_visibility": "private", **at_once}

    def start_or_stop(frames: Any, number: float, label: str) -> list[Any]:
        if label == "Pause":
            return [number, frame_at(frames, number), gr.Timer(active=False), gr.Button("Play")]
        number = beginning(number, len(frames))
        return [number, frame_at(frames, number), gr.Timer(active=True), gr.Button("Pause")]

    def tick(frames: Any, number: float) -> list[Any]:
        number, more = following(number, len(frames))
        return [number, frame_at(frames, number), gr.Timer(active=more), gr.Button("Pause" if more else "Play")]

    slider.input(frame_at, [frames, slider], canvas, trigger_mode="always_last", **private)
    play.click(start_or_stop, [frames, slider, play], [slider, canvas, timer, play], **private)
    timer.tick(tick, [frames, slider], [slider, canvas, timer, play], **private)


def serve(app: AppConfig) -> None:
    """Serve the page until interrupted.

    Raises:
        ValueError: the networks are missing or don't fit.
        OSError: it can't be served there.
    """
    studio = Studio(app)
    with tempfile.TemporaryDirectory(prefix="underpaint-") as folder:
        page = build(studio, Path(folder) / "painting")
        address, public = launch(page, app)
        print(public or address, flush=True)
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
            css=_CSS,
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
