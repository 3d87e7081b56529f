"""What happens behind the page, without the page: settings to paintings, and paintings to files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from underpaint.datagen.format.atomic import write_json
from underpaint.datagen.format.sample import slug
from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.callback import Callback
from underpaint.pipelines.config import PaintConfig, Task
from underpaint.pipelines.paint_jobs import paint_job, subjects
from underpaint.pipelines.painters import load_pipeline
from underpaint.pipelines.request import Painting
from underpaint.pipelines.settings import ComputeConfig, NetworksConfig
from underpaint.renderers.film.frames import GivenFrames
from underpaint.renderers.film.timing import Timing
from underpaint.renderers.film.writing import film_format, write_film

if TYPE_CHECKING:
    from underpaint.pipelines.pipeline import ProcessPipeline

UInt8 = NDArray[np.uint8]

_NETWORKS = ("base", "motion", "replication")


def paint_config(
    app: AppConfig,
    *,
    task: Task,
    prompt: str = "",
    picture: str | None = None,
    medium: str | None = None,
    lora: str | None = None,
    weight: float = 1.0,
    **settings: Any,
) -> PaintConfig:
    """Return the settings of the command that would paint the same, file names aside.

    Args:
        app: names the networks and what they compute on.
        task: `text`, `reconstruct` or `complete`.
        prompt: what the finished picture shows; may be empty, but for `text`.
        picture: file; not for `text`.
        medium: to paint in; none if empty.
        lora: one of `lora_names`, or none.
        weight: of the LoRA.
        settings: others of `PaintConfig`; None stands for the default.

    Raises:
        ValueError: nothing to paint, or a setting out of range.
    """
    subject = prompt.strip() if task == "text" else picture
    folder = app.models or Path()
    return PaintConfig(
        task=task,
        subjects=[subject] if subject else [],
        out=Path("painting.webp"),
        **{each.name: getattr(app, each.name) for part in (NetworksConfig, ComputeConfig) for each in fields(part)},
        lora=[f"{folder / lora}={weight:g}"] if lora else [],
        prompt=None if task == "text" else prompt.strip(),
        medium=medium or None,
        fps=app.fps,
        **{name: value for name, value in settings.items() if value is not None},
    )


def lora_names(models: Path | None) -> list[str]:
    """List artists' LoRAs in a folder of models: finished runs, results and single files."""
    if models is None:
        return []
    from underpaint.pipelines.loras import Lora, find_lora

    def holds_lora(path: Path) -> bool:
        if path.is_file():
            return path.suffix == ".safetensors"
        try:
            return bool(find_lora(Lora(source=str(path)), None))
        except ValueError:  # of another stage, or not finished
            return False

    return [path.name for path in sorted(models.iterdir()) if path.name not in _NETWORKS and holds_lora(path)]


class Studio:
    """Networks that paint one process after another, loaded again when another LoRA is wanted.

    Args:
        app: names the networks.

    Raises:
        ValueError: the networks are missing or don't fit.
    """

    def __init__(self, app: AppConfig) -> None:
        self.app = app
        # Any prompt will do: what is painted doesn't matter to the networks.
        self._load(paint_config(app, task="text", prompt="-"))

    def _load(self, config: PaintConfig) -> None:
        # The old ones stay until it is certain that the new ones fit.
        self.pipeline: ProcessPipeline = load_pipeline(config)
        self._loras = config.lora

    @property
    def media(self) -> tuple[str, ...]:
        """Media that prompts can begin with; none if the networks weren't trained so."""
        return self.pipeline.parts.media

    @property
    def frames(self) -> int:
        """The most frames that a process can have."""
        return self.pipeline.parts.window

    @property
    def size(self) -> int:
        """Short side in pixels that the networks were trained with."""
        return self.pipeline.parts.size

    def paint(self, config: PaintConfig, callback: Callback) -> Painting:
        """Paint as the command would, with the same seed.

        Raises:
            ValueError: a LoRA that doesn't fit, too many frames, no replication network, too little memory.
            BadPicture: a picture that can't be used.
        """
        from torch import OutOfMemoryError

        # It is fused into the weights, so another one needs them as they were.
        if config.lora != self._loras:
            self._load(config)
        each = paint_job(next(subjects(config)), config, self.pipeline.parts.media)
        request = self.pipeline.request(each.prompt, each.frames, seed=each.seed, size=config.size)
        try:
            painting = self.pipeline.paint([request], config.sampling, callback)[0]
        except OutOfMemoryError:
            raise ValueError(
                "too little memory: choose a smaller size or fewer frames, or serve the page with --offload or "
                "--precision fp16"
            ) from None
        painting.about["task"], painting.about["source"] = config.task, each.source.stored_name
        return painting


def save(painting: Painting, folder: Path, kind: str, *, fps: float) -> Path:
    """Write a painting as animated `webp`, as `mp4`, or its settings as `json`, named after what was painted."""
    out = folder / f"{slug(Path(painting.about['source']).stem)}.{kind}"
    if kind == "json":
        write_json(out, painting.about)
    else:
        write_film(GivenFrames(painting.frames), out, film_format(out), timing=Timing(fps=fps))
    return out


def caption(painting: Painting, seconds: float) -> str:
    """Describe a painting in one line, without anything that people wrote."""
    frames, about = painting.frames, painting.about
    parts = [f"{len(frames)} frames of {frames.shape[2]} × {frames.shape[1]} px in {seconds:.1f} s"]
    if "prompt_cut" in about:
        parts.append("the prompt is too long: its end wasn't read")
    for frame, variance in about["inverted_noise_variance"].items():
        parts.append(f"inverted noise of frame {frame}: variance {variance:g}, noise has 1")
    return "; ".join(parts)


class Reporter(Callback):
    """A callback that reports how many of all passes are done.

    Args:
        report: is called with both numbers.
    """

    def __init__(self, report: Callable[[int, int], object]) -> None:
        self._report, self._done, self._passes = report, 0, 0

    def begin(self, passes: int) -> None:
        """Start to count."""
        self._done, self._passes = 0, passes
        self._report(0, passes)

    def advance(self, look: Callable[[], UInt8] | None) -> None:
        """Count a pass."""
        self._done += 1
        self._report(self._done, self._passes)
