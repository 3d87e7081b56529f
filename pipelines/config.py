"""The settings of `underpaint text | reconstruct | complete`."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from underpaint.commandline.checks import at_least, one_of, within
from underpaint.pipelines.output import Format, check_format, format_of
from underpaint.pipelines.pictures import parse_size
from underpaint.pipelines.settings import ComputeConfig, NetworksConfig, Sampling

Task = Literal["text", "reconstruct", "complete"]
# The frame that is a task's own picture.
_OWN_FRAME: dict[str, int] = {"reconstruct": -1, "complete": 0}

# How sd-webui names a LoRA within a prompt.
_WEBUI_LORA = re.compile(r"<lora:([^:>]+):?([\d.]*)[^>]*>")


@dataclass(frozen=True, kw_only=True)
class PaintConfig(Sampling, NetworksConfig, ComputeConfig):
    """What is painted, by which networks, and where it goes.

    Args:
        task: `text`, `reconstruct` or `complete`.
        subjects: Prompts, or pictures: files, folders, globs, and .jsonl or .csv with `file` and `caption`.
        out: What is written: the suffix says the format. Several paintings, and corpora, go to a folder.
        lora: Artist's LoRA as FOLDER=WEIGHT or FILE=WEIGHT, or a name within `models`; may be given several times.
        embedding: Textual inversion as FILE or WORD=FILE, whose word (the file's name if not given) prompts and
            negative prompts then know; may be given several times.
        prompt: What the finished picture shows, in place of the caption of a picture.
        medium: Medium to paint in, as `oil`; put before the prompt as in training, where networks were trained so. If
            not given, these take `oil`, or the first that they know, for prompts that name none, unless a conditioning
            frame or a LoRA says how to paint.
        frame: Conditioning frame as NUMBER=PICTURE, 0 the first, -1 the last; may be given several times.
        size: Short side of the canvas in pixels, or WIDTHxHEIGHT as 768x512; the size in training if not given.
        seed: Seed of the run; the seed of a painting follows from it and from the name of the picture, or the prompt.
        format: `webp`, `mp4`, `webm`, `gif`, `frames`, `filmstrip`, `sheet`, or `corpus`, shards as `underpaint-data`
            writes.
        fps: Frames per second of animations.
        batch: Batch size: paintings at once, if they have the same canvas.
        preview: Passes of the networks between previews of the painting, written to OUT.preview.png; 0 for none.
        address: Address of a Ray cluster to paint on, one worker for each GPU, or `auto`, or `local`.
        ship_code: Send Underpaint to the machines of the cluster at `address`, which then need only what it depends on.
        shard_size: Paintings of each shard of a corpus.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    task: Task
    subjects: list[str]
    out: Path
    lora: list[str] = field(default_factory=list)
    embedding: list[str] = field(default_factory=list)
    prompt: str | None = None
    medium: str | None = None
    frame: list[str] = field(default_factory=list)
    size: str | None = None
    seed: int = 0
    format: Format | None = None
    fps: float = 8.0
    batch: int = 1  # what fits any machine
    preview: int = 0
    address: str | None = None
    ship_code: bool = False  # an image with everything installed starts faster
    shard_size: int = 64

    def __post_init__(self) -> None:
        Sampling.__post_init__(self)
        NetworksConfig.__post_init__(self)
        ComputeConfig.__post_init__(self)
        one_of(Task, task=self.task)
        if not self.subjects:
            raise ValueError("nothing to paint: give a prompt" if self.task == "text" else "no picture is given")
        for text in (*(self.subjects if self.task == "text" else ()), self.prompt or "", self.negative_prompt):
            if tag := _WEBUI_LORA.search(text):
                raise ValueError(
                    f"a prompt holds {tag[0]}, which would be read as words: give --lora {tag[1]}={tag[2] or 1}"
                )
        at_least(0, seed=self.seed, preview=self.preview)
        at_least(1, batch=self.batch, shard_size=self.shard_size)
        within(0.1, 100, fps=self.fps)
        if self.size is not None:
            parse_size(self.size)
        check_format(self.format)
        if self.own_frame in self.conditioning_frames:
            raise ValueError(
                f"frame {self.own_frame} is the picture to {self.task}: leave out "
                f"{self.conditioning_frames[self.own_frame]}"
            )

    @property
    def sampling(self) -> Sampling:
        """The part that says how to sample."""
        return Sampling(**self._part(Sampling))

    @property
    def compute(self) -> ComputeConfig:
        """The part that says what to compute on."""
        return ComputeConfig(**self._part(ComputeConfig))

    def _part(self, kind: Any) -> dict[str, Any]:
        return {each.name: getattr(self, each.name) for each in dataclasses.fields(kind)}

    @property
    def own_frame(self) -> int | None:
        """Number of the frame that is the task's own picture; None for `text`."""
        return _OWN_FRAME.get(self.task)

    @property
    def conditioned_numbers(self) -> tuple[int, ...]:
        """Numbers of all conditioning frames, the task's own picture included."""
        return (*self.conditioning_frames, *(() if self.own_frame is None else (self.own_frame,)))

    @cached_property
    def conditioning_frames(self) -> dict[int, Path]:
        """Pictures by frame number, as `frame` names them.

        Raises:
            ValueError: not NUMBER=PICTURE, or one frame twice.
        """
        found: dict[int, Path] = {}
        for text in self.frame:
            number, equals, path = text.partition("=")
            if not equals or not path or not number.strip().lstrip("-").isdigit():
                raise ValueError(f"frame {text!r} is not NUMBER=PICTURE, as 0=sketch.png or -1=final.png")
            if int(number) in found:
                raise ValueError(f"frame {number} is given twice, as {found[int(number)]} and as {path}")
            found[int(number)] = Path(path)
        return found

    def wanted_format(self, *, several: bool) -> Format:
        """Return what to write: a corpus, a single painting, or files of this format in the folder `out`.

        Raises:
            ValueError: the name of `out` doesn't fit.
        """
        if self.format != "corpus" and not several:
            return format_of(self.out, self.format)
        if self.out.suffix:
            raise ValueError(f"{self.out} is one file, several paintings and corpora need a folder: give --out FOLDER")
        return self.format or "webp"
