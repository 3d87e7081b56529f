"""The first tab: a photo is painted by the media, without any network."""

from __future__ import annotations

import base64
import html
import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from underpaint.datagen.pictures.picture import BadPicture
from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.app.easel import film_config, sitting, write_painting
from underpaint.pipelines.app.habits import HABITS
from underpaint.pipelines.app.lines import said, wrong
from underpaint.pipelines.app.parts import AT_ONCE, IN_TURN, PICTURES, make_note, make_saves, make_stage
from underpaint.pipelines.app.shown import stage
from underpaint.pipelines.app.upload import Upload
from underpaint.pipelines.photo import Photo, read_photo

import gradio as gr  # isort: skip, parts.py sets how it behaves

_logger = logging.getLogger(__name__)

MEDIA = tuple(HABITS)
# What scikit-image ships, and what it shows.
_EXAMPLES = {
    "coffee.png": "a cup of coffee",
    "astronaut.png": "an astronaut",
    "chelsea.png": "a cat",
    "rocket.jpg": "a rocket",
}
_THUMBNAIL = 128
# Pictures and paintings are in memory for an hour after they were last changed, or until the page is closed.
_KEPT = 3600  # s
_SCHEDULES = {"the medium's own": None, "progress": "error", "working time": "time", "change": "change"}
_SCHEDULES |= {"logarithm of strokes": "log", "strokes": "strokes"}
_CHOOSE = "element.addEventListener('click', (event) => { const button = event.target.closest('button');"
_CHOOSE += " if (button) trigger('choose', { name: button.dataset.name }); });"


def build_painting_tab(app: AppConfig, folder: Path) -> None:
    """Add what stands in the tab, and connect it.

    Args:
        app: limits of uploads.
        folder: for the file that is saved.
    """
    first = next(iter(_EXAMPLES))
    shown = _example(first)
    photo, painting = gr.State(shown and (first, shown), time_to_live=_KEPT), gr.State(time_to_live=_KEPT)
    with gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="ask"):
            # An input of pictures would decode the file; here datagen does, and says what is wrong with it.
            upload = gr.File(file_types=PICTURES, label="Picture", show_label=False, height=96, elem_id="photo")
            examples = gr.HTML(_examples_html(), js_on_load=_CHOOSE, elem_classes="examples", apply_default_css=False)
            medium = gr.Radio([*MEDIA], value="oil", label="Medium", elem_classes="radios")
            button = gr.Button("Paint", variant="primary")
            note = make_note()
        with gr.Column(elem_classes="look"):
            canvas = make_stage(stage([shown.pixels], seconds=1) if shown else None)
            saves = make_saves(
                ["MP4", "WebP", "SVG"], painting, note, folder, lambda it, *how: write_painting(*it, *how)
            )
        with gr.Column(elem_classes="tune"):
            settings = _settings()
            habits = _habits(medium)

    def choose(path: str) -> list[Any]:
        try:
            taken = Upload.take(Path(path), max_pixels=int(app.max_megapixels * 1e6))
        except (BadPicture, OSError) as error:
            return [None, gr.skip(), gr.skip(), wrong(error)]
        return [None, *chosen(taken.name, taken.photo)]

    def example(event: gr.EventData) -> list[Any]:
        found = _example(event.name)
        return chosen(event.name, found) if found else [gr.skip()] * 3

    def chosen(name: str, found: Photo) -> list[Any]:
        return [(name, found), stage([found.pixels], seconds=1), said(_of_photo(found))]

    def paint(values: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
        if values[photo] is None:
            yield {note: wrong("no picture yet: upload one, or choose an example")}
            return
        name, wanted = values[photo][0], values[medium]
        try:
            own = {habit.name: habit.value(values[habits[wanted, habit.name]]) for habit in HABITS[wanted]}
            given = {name: values[field] for name, field in settings.items()}
            given["schedule"], size = _SCHEDULES[given["schedule"]], given.pop("size")
            config = film_config(name, wanted, own, **given)
            for seen in sitting(values[photo][1], config, size):
                ready = "painting" in seen
                yield {
                    note: said(seen["note"]),
                    **({canvas: seen["stage"]} if "stage" in seen else {}),
                    **({painting: (seen["painting"], config)} if ready else {}),
                    **{
                        save: gr.Button(interactive=save.value != "SVG" or wanted == "bezier") if ready else gr.skip()
                        for save in saves
                    },
                }
        except (ValueError, OSError) as error:
            yield {note: wrong(error)}
        except Exception as error:  # a fault of ours: the page says so, the log has the rest
            _logger.exception("painting failed")
            yield {note: wrong(f"{type(error).__name__}: {error}")}

    upload.upload(choose, upload, [upload, photo, canvas, note], **AT_ONCE)
    examples.choose(example, None, [photo, canvas, note], **AT_ONCE)
    button.click(
        paint,
        {photo, medium, *settings.values(), *habits.values()},
        [canvas, note, painting, *saves],
        show_progress_on=note,
        **IN_TURN,
    )


def _settings() -> dict[str, Any]:
    """How a photo is painted, by the names that `FilmConfig` knows."""
    how: dict[str, Any] = {}
    with gr.Accordion("Settings", open=False):
        with gr.Row():
            how["strokes"] = gr.Slider(50, 5000, value=2000, step=50, label="Strokes", min_width=140, buttons=[])
            how["size"] = gr.Slider(
                128, 720, value=512, step=16, label="Size", info="short side in px", min_width=140,
                buttons=[],
            )  # fmt: skip
        how["quality"] = gr.Radio(
            ["draft", "standard", "high"], value="standard", label="Quality", elem_classes="radios"
        )
        with gr.Row():
            how["seconds"] = gr.Slider(1, 30, value=8, step=1, label="Seconds", min_width=140, buttons=[])
            how["seed"] = gr.Number(0, precision=0, minimum=0, label="Seed", min_width=140)
        how["schedule"] = gr.Dropdown([*_SCHEDULES], label="Schedule", info="what grows evenly from frame to frame")
    return how


def _habits(medium: gr.Radio) -> dict[tuple[str, str], Any]:
    """The manner and the habits of each medium, by medium and name; those of the chosen medium are seen."""
    fields: dict[tuple[str, str], Any] = {}
    groups = []
    with gr.Accordion("Manner and habits", open=False):
        for name, habits in HABITS.items():
            with gr.Row(visible=name == medium.value) as group:
                for habit in habits:
                    label: dict[str, Any] = {"label": habit.label, "info": habit.info or None, "min_width": 140}
                    if habit.choices:
                        field: Any = gr.Dropdown([*habit.choices], **label)
                    else:
                        assert habit.span is not None
                        least, most, usual = habit.span
                        field = gr.Slider(least, most, value=usual, step=0.05, buttons=[], **label)
                    fields[name, habit.name] = field
            groups.append(group)
    medium.change(lambda chosen: [gr.Row(visible=name == chosen) for name in HABITS], medium, groups, **AT_ONCE)
    return fields


def _of_photo(photo: Photo) -> str:
    (width, height), (rows, columns) = photo.size, photo.pixels.shape[:2]
    scaled_to = "" if (width, height) == (columns, rows) else f", taken at {columns} × {rows}"
    return f"{width} × {height} px{scaled_to}; nothing of it is kept on the server's disk"


def _shipped() -> Path:
    import skimage.data

    return Path(skimage.data.__file__).parent


def _example(name: str) -> Photo | None:
    """Return one of the examples; None if there is none of that name, or no longer in scikit-image's package."""
    path = _shipped() / name
    return read_photo(path) if name in _EXAMPLES and path.is_file() else None


def _examples_html() -> str:
    """Return small pictures to choose from; of those that scikit-image ships in its package."""
    buttons = []
    for name, words in _EXAMPLES.items():
        if not (_shipped() / name).is_file():
            continue
        with Image.open(_shipped() / name) as image:
            side = min(image.size)
            small = image.convert("RGB").crop((0, 0, side, side)).resize((_THUMBNAIL, _THUMBNAIL), reducing_gap=2.0)
        buffer = io.BytesIO()
        small.save(buffer, "JPEG", quality=85)
        source = f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
        words = html.escape(words)
        buttons.append(
            f'<button type="button" data-name="{name}" title="{words}"><img src="{source}" alt="{words}"></button>'
        )
    return f"<span>or</span>{''.join(buttons)}" if buttons else ""
