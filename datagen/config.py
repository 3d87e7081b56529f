"""What a corpus is made of and how: what all jobs have in common, and the configuration of `generate`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from dataclasses import field as dataclass_field
from pathlib import Path, PurePath
from typing import Any, Literal, TypeVar, get_args

from underpaint import renderers
from underpaint.datagen.format.webp import MAX_SIDE
from underpaint.datagen.pictures.picture import Canvas
from underpaint.datagen.seeds import renderers_of
from underpaint.datagen.storage.store import Store, as_store

Aspect = Literal["square", "keep"]
Quality = Literal["draft", "standard", "high"]
Schedule = Literal["error", "log", "strokes"]
Config = TypeVar("Config", bound="CorpusConfig")

# Pillow itself refuses to open anything larger, whatever we allow.
PILLOW_MAX_PIXELS = 178_956_970

# What a job needs but what never shows in the bytes of a shard. Every other field is part of the
# fingerprint: change it, and the same folder can't be continued. The source is held by its digest instead.
NOT_IN_FINGERPRINT = frozenset(
    {"source", "out", "options", "workers", "address", "resources", "ship_code", "max_retries"}
)


@dataclass(frozen=True, kw_only=True)
class CorpusConfig:
    """What every job needs to know that writes a corpus; the config of each command describes the fields in its words.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    source: str
    out: str | Path
    size: int = 512  # what Stable Diffusion 1.5, the usual base of training, was made for
    aspect: Aspect = "square"  # one tensor shape for the whole corpus
    frames: int = 16  # the window of AnimateDiff's motion module
    shard_size: int = 64  # ~45 MB and half a minute of painting at 512 px: cheap to lose, and not too many files
    min_side: int = 16  # the smallest canvas a renderer takes
    max_pixels: int = 50_000_000  # 200 MB decoded: any camera's picture, and a worker stays below 500 MB
    max_aspect: float = 4.0  # bounds the canvas, which grows with the proportions
    background: str = "white"
    store_target: bool = False  # a third more bytes, and the last frame comes close
    workers: int | None = None
    address: str | None = None
    resources: str | dict[str, float] = ""
    ship_code: bool = False  # an image with everything installed starts faster
    max_retries: int = 3  # survives lost machines; what kills four workers is itself at fault

    def __post_init__(self) -> None:
        object.__setattr__(self, "out", self.store.local or self.store.location)
        _at_least("size", self.size, 16, "px is the smallest canvas")
        _at_least("frames", self.frames, 2, "frames are needed: the blank and the finished one")
        _at_least("shard_size", self.shard_size, 1, f"{self.unit} makes a shard")
        _at_least("min_side", self.min_side, 16, "px is the smallest canvas")
        _at_least("max_pixels", self.max_pixels, self.min_side**2, "pixels follow from min_side")
        _at_least("max_aspect", self.max_aspect, 1, "is the proportion of a square")
        _at_least("max_retries", self.max_retries, 0, "means no retry")
        _at_most("size", self.size, MAX_SIDE, "px is the longest side that WebP holds")
        _at_most("max_pixels", self.max_pixels, PILLOW_MAX_PIXELS, "is the most that Pillow opens")
        if self.longest_side > MAX_SIDE:
            most = f"{MAX_SIDE / self.size:.4g}"
            raise ValueError(
                f"max_aspect is {self.max_aspect:g} and size is {self.size}, so a canvas may be {self.longest_side:g} "
                f"px long, but WebP holds {MAX_SIDE}: with this size, max_aspect must be below {most}"
            )
        one_of("aspect", self.aspect, get_args(Aspect))
        a_colour("background", self.background)
        if self.workers is not None:
            _at_least("workers", self.workers, 0, "does all the work in this process")
            if self.address is not None:
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
        """Every setting that shows in the shards, as JSON values; two jobs that agree here write the same."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in NOT_IN_FINGERPRINT}

    def with_absolute_paths(self: Config) -> Config:
        """The same for a process with a working directory of its own."""
        return replace(self, out=self.store.absolute().location)


@dataclass(frozen=True, kw_only=True)
class GenerateConfig(CorpusConfig):
    """One job: pictures in, corpus out.

    Args:
        source: Pictures: a folder (searched recursively), a glob, a .jsonl, .csv or .parquet, .tar shards; path or URL.
        out: Folder of the corpus, or a URL such as `s3://bucket/corpus`; the same command continues.
        renderer: Media that paint, as `bezier` or `bezier,oil`: every picture once in each of them, in this order.
        mix: Paint each picture in only one of the media, drawn by the seed of the run and the name of the picture.
        size: Side of the square canvas, or its short side with `--aspect keep`, in pixels.
        aspect: `square` cuts the centre square out of each picture; `keep` keeps its proportions.
        strokes: Marks per painting.
        quality: How hard the fit tries: `draft`, `standard` or `high`.
        frames: Stored moments of each process, first (blank) and last (finished) included.
        schedule: What grows evenly from frame to frame: PSNR, or what the medium has in its place (`error`), the log
            of strokes (`log`), or `strokes`.
        shard_size: Pictures per shard; one shard is also the unit of work that a crash can lose.
        seed: Seed of the run; a sample's own seed follows from it, the picture's name and the renderer.
        min_side: Pictures with a shorter side are skipped; raise it to `size` to avoid enlarging.
        max_pixels: Pictures with more pixels are skipped, judged by the header alone.
        max_aspect: With `--aspect keep`, pictures longer than this times their short side are skipped.
        background: Colour under transparent pictures, as `white` or `#rrggbb`.
        store_target: Also store the picture that was painted, as KEY.target.webp.
        workers: Local processes; all cores when not given, 0 paints in this process (for debugging).
        address: Address of a running Ray cluster to join, or `auto`; not together with `workers`.
        resources: What a shard takes of a worker's machine, as `CPU=1,GPU=0.25`; one core if nothing is said.
        ship_code: Send Underpaint to the machines of the cluster at `address`, which then need only what it depends on.
        max_retries: How often a shard is started again, later and later, after its worker died or its store failed.
        options: Options of the renderers' own: name -> a `renderers.options_class(name)`; the defaults where not given.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    renderer: str | list[str] = "bezier"
    mix: bool = False
    strokes: int = 1000  # about 29 dB at 512 px; more only refines
    quality: Quality = "standard"
    schedule: Schedule = "error"  # layout, shapes and details in equal shares; by strokes, most frames only refine
    seed: int = 0
    options: Mapping[str, Any] = dataclass_field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "renderer", _joined_names(self.renderer))
        _at_least("strokes", self.strokes, 1, "stroke makes a painting")
        _at_most("strokes", self.strokes, renderers.MAX_STROKES, "is the most that a painting can have")
        _at_least("seed", self.seed, 0, "is the smallest seed")
        one_of("quality", self.quality, get_args(Quality))
        one_of("schedule", self.schedule, get_args(Schedule))

    @property
    def media(self) -> tuple[str, ...]:
        """The names of the renderers, in the order in which they paint a picture."""
        assert isinstance(self.renderer, str)
        return tuple(self.renderer.split(","))

    def media_of(self, source: str) -> tuple[str, ...]:
        """The names of the renderers that paint the picture called `source`."""
        return renderers_of(source, self.media, mix=self.mix, run_seed=self.seed)

    def determines_bytes(self) -> dict[str, Any]:
        """As of every job, and the options of each renderer under its name."""
        return super().determines_bytes() | {name: options_record(options) for name, options in self.options.items()}

    def with_absolute_paths(self) -> GenerateConfig:
        """As of every job; options of the media that are files, which are Paths, too."""
        options = {name: _with_absolute_files(options) for name, options in self.options.items()}
        return replace(super().with_absolute_paths(), options=options)


def parse_resources(resources: str | Mapping[str, float]) -> dict[str, float]:
    """What a shard takes of a machine: `CPU=2,GPU=0.25`, or the same as a mapping; what isn't named is Ray's default.

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
    """Options of a medium as a dict of JSON values; paths become texts."""
    assert is_dataclass(options), f"options of a medium are a dataclass, not {type(options).__name__}"
    assert not isinstance(options, type)
    values = asdict(options)
    return {name: str(value) if isinstance(value, PurePath) else value for name, value in values.items()}


def _with_absolute_files(options: Any) -> Any:
    paths = {f.name: getattr(options, f.name) for f in fields(options) if isinstance(getattr(options, f.name), Path)}
    return replace(options, **{name: path.absolute() for name, path in paths.items()})


def _joined_names(renderer: str | list[str]) -> str:
    """Names of renderers as one text, whether they came as `bezier,oil` or, from YAML, as a list."""
    names = [name.strip() for name in (renderer.split(",") if isinstance(renderer, str) else renderer)]
    for name in names:
        if not name.replace("_", "").isalnum():
            raise ValueError(f"renderer is {renderer!r}: names of letters, digits and _ are needed, as in bezier,oil")
        if names.count(name) > 1:
            raise ValueError(f"renderer is {renderer!r}: {name} may stand there only once")
    return ",".join(names)


def _at_least(name: str, value: float, lowest: float, meaning: str) -> None:
    if value < lowest:
        raise ValueError(f"{name} is {value}, but {lowest} {meaning}")


def _at_most(name: str, value: float, highest: float, meaning: str) -> None:
    if value > highest:
        raise ValueError(f"{name} is {value}, but {highest} {meaning}")


def one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Refuse a value that is none of the choices.

    Raises:
        ValueError: says which there are.
    """
    if value not in choices:
        raise ValueError(f"{name} is {value!r}: use one of {', '.join(choices)}")


def a_colour(name: str, value: str) -> None:
    """Refuse what isn't a colour.

    Raises:
        ValueError: says what is.
    """
    try:
        renderers.parse_colour(value)
    except ValueError as error:
        raise ValueError(f"{name} is {value!r}: {error}") from None
