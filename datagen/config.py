"""What a corpus is made of and how: what all jobs have in common, and the configuration of `generate`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from dataclasses import field as dataclass_field
from pathlib import Path, PurePath
from typing import Any, Literal, TypeVar

from underpaint import renderers
from underpaint.commandline.checks import at_least, one_of, within
from underpaint.datagen.format.frames import FrameFormat
from underpaint.datagen.format.webp import MAX_SIDE
from underpaint.datagen.pictures.picture import Canvas
from underpaint.datagen.seeds import renderers_of
from underpaint.datagen.storage.store import Store, as_store
from underpaint.extras import needing

Aspect = Literal["square", "keep"]
Quality = Literal["draft", "standard", "high"]
Schedule = Literal["error", "time", "change", "log", "strokes"]
Unreachable = Literal["fail", "skip"]
Config = TypeVar("Config", bound="CorpusConfig")

# Pillow itself refuses to open anything larger, whatever we allow.
PILLOW_MAX_PIXELS = 178_956_970

MAX_FRAMES = 10_000  # ten times the strokes of a usual painting; beyond, a sample would not fit in memory

MIN_SIDE = 16  # px, the smallest canvas that a renderer takes

# What a job needs but what never shows in the bytes of a shard. Every other field is part of the
# fingerprint: change it, and the same folder can't be continued. The source is held by its digest instead.
NOT_IN_FINGERPRINT = frozenset(
    {
        "source",
        "out",
        "options",
        "workers",
        "address",
        "resources",
        "ship_code",
        "max_retries",
        "unreachable",
        "retry_failed",
    }
)


@dataclass(frozen=True, kw_only=True)
class CorpusConfig:
    """Settings of every job that writes a corpus; the config of each command describes the fields in its own words.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    source: str
    out: str | Path
    size: int = 512  # what Stable Diffusion 1.5, the usual base of training, was made for
    aspect: Aspect = "square"  # one tensor shape for the whole corpus
    frames: int = 16  # the window of AnimateDiff's motion module
    shard_size: int = 64  # ~45 MB and half a minute of painting at 512 px: cheap to lose, and not too many files
    min_side: int = MIN_SIDE
    max_pixels: int = 50_000_000  # 200 MB decoded: any camera's picture, and a worker stays below 500 MB
    max_aspect: float = 4.0  # bounds the canvas, which grows with the proportions
    background: str = "white"
    frame_format: FrameFormat = "webp"  # the smallest and the fastest
    store_target: bool = False  # a third more bytes, and the last frame comes close
    workers: int | None = None
    address: str | None = None
    resources: str | dict[str, float] = ""
    ship_code: bool = False  # an image with everything installed starts faster
    max_retries: int = 3  # survives lost machines; what kills four workers is itself at fault
    unreachable: Unreachable = "fail"  # what passes is no verdict on a picture
    retry_failed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "out", self.store.local or self.store.location)
        within(MIN_SIDE, MAX_SIDE, size=self.size)
        within(2, MAX_FRAMES, frames=self.frames)  # the blank and the finished one, at least
        at_least(1, shard_size=self.shard_size, max_aspect=self.max_aspect)
        at_least(MIN_SIDE, min_side=self.min_side)
        within(self.min_side**2, PILLOW_MAX_PIXELS, max_pixels=self.max_pixels)
        at_least(0, max_retries=self.max_retries, workers=self.workers)
        if self.longest_side > MAX_SIDE:
            most = f"{MAX_SIDE / self.size:.4g}"
            raise ValueError(
                f"max_aspect is {self.max_aspect:g} and size is {self.size}, so a canvas may be {self.longest_side:g} "
                f"px long, but WebP holds {MAX_SIDE}: with this size, max_aspect must be below {most}"
            )
        one_of(Aspect, aspect=self.aspect)
        one_of(Unreachable, unreachable=self.unreachable)
        one_of(FrameFormat, frame_format=self.frame_format)
        if self.frame_format == "mp4":
            with needing("--frame-format mp4", "video"):
                import av  # noqa: F401, so that it is told before the job begins
        a_colour("background", self.background)
        if self.workers is not None and self.address is not None:
            raise ValueError(
                f"workers is {self.workers} and address is {self.address!r}: a running cluster "
                "brings its own number of workers, so give only one of the two"
            )
        parse_resources(self.resources)

    @property
    def unit(self) -> str:
        """What the source consists of, in one word."""
        return "picture"

    @property
    def store(self) -> Store:
        """Where the corpus goes."""
        return as_store(self.out)

    @property
    def longest_side(self) -> float:
        """Pixels of the longest side that a canvas can have."""
        return self.size if self.aspect == "square" else self.size * self.max_aspect

    @property
    def canvas(self) -> Canvas:
        """What every picture is brought to."""
        return Canvas(
            size=self.size,
            square=self.aspect == "square",
            background=renderers.parse_colour(self.background),
            min_side=self.min_side,
            max_pixels=self.max_pixels,
            max_aspect=self.max_aspect,
        )

    def determines_bytes(self) -> dict[str, Any]:
        """Return every setting that affects the output bytes, as JSON values; equal settings give equal shards."""
        settings = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in NOT_IN_FINGERPRINT}
        if self.frame_format == "webp":
            del settings["frame_format"]  # so jobs from before there was a choice go on
        return settings

    def with_absolute_paths(self: Config) -> Config:
        """Return it with absolute paths, for a process with another working directory."""
        return replace(self, out=self.store.absolute().location)


@dataclass(frozen=True, kw_only=True)
class GenerateConfig(CorpusConfig):
    """Settings of `underpaint-data generate`: pictures in, corpus out.

    Args:
        source: Pictures to paint: a folder (searched recursively), a glob, a .jsonl, .csv, .tsv or .parquet list, or
            .tar shards; a path or a URL. Or `scenes:4000`: that many pictures of a small world, drawn by code.
        out: Folder of the corpus, or a URL such as `s3://bucket/corpus`. A corpus that is there already is continued.
        renderer: Media to paint in, such as `bezier` or `bezier,oil`. Each medium paints every picture.
        mix: Paint each picture in one of the media only, drawn at random from `seed` and the picture's name.
        size: Side of the square canvas in pixels; with `--aspect keep`, its short side. 16 to 16383.
        aspect: Canvas proportions: `square` crops each picture to its centre square, `keep` keeps its proportions.
        strokes: Maximum number of strokes per painting, 1 to 1000000.
        quality: How long the fit searches: `draft`, `standard` or `high`, about 1 : 3 : 12 in time.
        frames: Number of frames per process, the blank canvas and the finished picture included.
        schedule: What grows evenly from frame to frame: `error` (PSNR, or the medium's own measure of progress), `time`
            (the time that a painter takes), `change` (mean absolute change of the canvas), `log` (logarithm of the
            number of strokes) or `strokes` (number of strokes). By default each medium's own.
        shard_size: Number of pictures per shard. A crash loses at most the shards that are being written.
        seed: Random seed of the run; each sample's seed is a hash of this seed, the picture's name and the renderer.
        min_side: Minimum length of a picture's short side in pixels; smaller pictures are skipped. With the value of
            `size`, no picture is enlarged.
        max_pixels: Maximum number of pixels of a picture, read from its header; larger pictures are skipped.
        max_aspect: Maximum ratio of long to short side with `--aspect keep`; longer pictures are skipped.
        background: Colour behind transparent pictures, such as `white` or `#rrggbb`.
        frame_format: How frames are stored, always without loss: `webp`, an animation; `png-sequence`, a picture each,
            for loaders that read no animations; `mp4`, H.264 in RGB, for those that read videos.
        store_target: Store the picture that was painted as well, as KEY.target.webp.
        workers: Number of local worker processes; by default one per core. 0 paints in the main process, for debugging.
        address: Address of a running Ray cluster to join, or `auto`. Can't be combined with `workers`.
        resources: Resources of a worker's machine that one shard needs, such as `CPU=1,GPU=0.25`; by default one core.
        ship_code: Send the code of Underpaint to the cluster at `address`; its machines need only the dependencies.
        max_retries: Maximum number of retries of a shard whose worker died or whose store failed, with growing pauses.
        unreachable: What becomes of a picture whose server or disk doesn't answer: `fail` leaves its shard unmade, for
            the next run; `skip` records the picture as `unreachable`.
        retry_failed: Make the shards again that lack a picture for a reason that may have passed: it was out of reach,
            missing, unreadable or cut off, or wasn't painted.
        options: Options of the renderers: name -> an instance of `renderers.options_class(name)`; else its defaults.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    renderer: str | list[str] = "bezier"
    mix: bool = False
    strokes: int = 1000  # about 29 dB at 512 px; more only refines
    quality: Quality = "standard"
    schedule: Schedule | None = None  # what suits one medium doesn't suit another
    seed: int = 0
    options: Mapping[str, Any] = dataclass_field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "renderer", _joined_names(self.renderer))
        within(1, renderers.MAX_STROKES, strokes=self.strokes)
        at_least(0, seed=self.seed)
        one_of(Quality, quality=self.quality)
        if self.schedule is not None:
            one_of(Schedule, schedule=self.schedule)

    @property
    def media(self) -> tuple[str, ...]:
        """The names of the renderers, in the order in which they paint a picture."""
        assert isinstance(self.renderer, str)
        return tuple(self.renderer.split(","))

    def media_of(self, source: str) -> tuple[str, ...]:
        """Return the names of the renderers that paint the picture called `source`."""
        return renderers_of(source, self.media, mix=self.mix, run_seed=self.seed)

    def determines_bytes(self) -> dict[str, Any]:
        """Return every setting that affects the output bytes; the options of each renderer under its name."""
        return super().determines_bytes() | {name: options_record(options) for name, options in self.options.items()}

    def with_absolute_paths(self) -> GenerateConfig:
        """Return it with absolute paths, those in the options of the media as well, for another working directory."""
        options = {name: _with_absolute_files(options) for name, options in self.options.items()}
        return replace(super().with_absolute_paths(), options=options)


def parse_resources(resources: str | Mapping[str, float]) -> dict[str, float]:
    """Parse what a shard takes of a machine: `CPU=2,GPU=0.25`, or a mapping; what isn't named is Ray's default.

    Raises:
        ValueError: not such a text, or less than nothing.
    """
    pairs = resources.items() if isinstance(resources, Mapping) else [p.split("=") for p in resources.split(",") if p]
    try:
        parsed = {str(name).strip(): float(amount) for name, amount in pairs}
    except ValueError:
        raise ValueError(f"resources is {resources!r}: write them as CPU=1,GPU=0.25") from None
    for name, amount in parsed.items():
        if not name or not 0 <= amount < float("inf"):
            raise ValueError(f"resources is {resources!r}: {name or 'a nameless one'} can't be {amount:g}")
    return parsed


def options_record(options: Any) -> dict[str, Any]:
    """Return the options of a medium as a dict of JSON values; paths become texts."""
    assert is_dataclass(options), f"options of a medium are a dataclass, not {type(options).__name__}"
    assert not isinstance(options, type)
    values = asdict(options)
    return {name: str(value) if isinstance(value, PurePath) else value for name, value in values.items()}


def _with_absolute_files(options: Any) -> Any:
    paths = {f.name: getattr(options, f.name) for f in fields(options) if isinstance(getattr(options, f.name), Path)}
    return replace(options, **{name: path.absolute() for name, path in paths.items()})


def _joined_names(renderer: str | list[str]) -> str:
    """Return the names of renderers as one text, whether they came as `bezier,oil` or, from YAML, as a list."""
    names = [name.strip() for name in (renderer.split(",") if isinstance(renderer, str) else renderer)]
    for name in names:
        if not name.replace("_", "").isalnum():
            raise ValueError(f"renderer is {renderer!r}: names of letters, digits and _ are needed, as in bezier,oil")
        if names.count(name) > 1:
            raise ValueError(f"renderer is {renderer!r}: {name} may stand there only once")
    return ",".join(names)


def a_colour(name: str, value: str) -> None:
    """Refuse what isn't a colour.

    Raises:
        ValueError: says what is.
    """
    try:
        renderers.parse_colour(value)
    except ValueError as error:
        raise ValueError(f"{name} is {value!r}: {error}") from None
