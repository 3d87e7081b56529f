"""The dataset card: README.md as the Hugging Face hub reads it, from job.json and the sidecars alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped, unused-ignore]

from underpaint.commandline.values import both
from underpaint.datagen.format.frames import is_frame_member
from underpaint.datagen.format.sidecar import sidecar_names
from underpaint.datagen.import_config import RECORDED
from underpaint.datagen.jobs.plan import Part, Plan, read_plan
from underpaint.datagen.storage.store import Store, as_store
from underpaint.datagen.summary.statistics import UNNAMED, corpus_statistics, size_text
from underpaint.datagen.trust.recipe import command_of, release_of
from underpaint.texts import printable, well_formed

CARD_FILE = "README.md"
SIDES = ("train", "validation")
# The hub's own steps.
_SIZES = {
    1_000: "n<1K",
    10_000: "1K<n<10K",
    100_000: "10K<n<100K",
    1_000_000: "100K<n<1M",
    10_000_000: "1M<n<10M",
    100_000_000: "10M<n<100M",
    1_000_000_000: "100M<n<1B",
}
_TASKS = ("text-to-video", "image-to-video", "text-to-image")
_COLUMNS = {
    "__key__": ("string", "key of the sample, unique"),
    "webp": ("image", "the process: an animated lossless WebP, first frame blank, last frame finished"),
    "json": ("json", "source, caption, renderer, strokes and PSNR of every frame"),
    "mp4": ("binary", "the process: a film in lossless H.264, first frame blank, last frame finished"),
    "strokes.npz": ("numpy", "the program: every stroke, replayable at any size"),
    "target.webp": ("image", "the picture that was painted"),
}
# Its arrays differ from medium to medium, so no type of the hub's holds them all.
_PROGRAM = "strokes.npz"
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~]")


@dataclass(frozen=True, kw_only=True)
class CardConfig:
    """What only a person can tell of a corpus.

    Args:
        title: Title of the dataset; the name of its folder when not given.
        license: Licence as the hub names it, such as `cc-by-4.0`; what the pictures allow decides.
        language: Language of the captions, such as `en`.
        repo: Name of the dataset on the hub, such as `me/paintings`, for the lines that load it.
    """

    title: str | None = None
    license: str = "other"  # nobody but the owner of the pictures can grant more
    language: str | None = None
    repo: str | None = None


@dataclass(frozen=True)
class _Side:
    """One corpus of the card: all of it, or `train` or `validation` of a split."""

    name: str
    pattern: str
    store: Store
    plan: Plan
    figures: dict[str, Any] = field(repr=False)


def write_card(location: Store | Path | str, config: CardConfig | None = None) -> str:
    """Write README.md beside the shards, or above the two corpora that `split` made, and return its text.

    Raises:
        FileNotFoundError: neither of them there.
        ValueError: a damaged sidecar or job.json.
    """
    store = as_store(location)
    text = card_text(store, config or CardConfig())
    store.write(CARD_FILE, well_formed(text).encode())
    return text


def card_text(store: Store, config: CardConfig) -> str:
    """Return the text of the card; see `write_card`."""
    if sidecar_names(store.sizes()):
        sides = [_side("train", "*.tar", store)]
    else:
        if not all(sidecar_names(Store(store.url(name)).sizes()) for name in SIDES):
            raise FileNotFoundError(f"{store} holds neither shards, nor {both(SIDES)} with some")
        sides = [_side(name, f"{name}/*.tar", Store(store.url(name))) for name in SIDES]
    title = config.title or str(store.absolute()).rsplit("/", 1)[-1]
    header = yaml.safe_dump(_header(sides, title, config), sort_keys=False, allow_unicode=True)
    sections = [
        _facts(sides),
        _features(sides),
        _making(sides),
        _loading(sides, config.repo or str(store)),
        _licences(sides, config),
    ]
    return f"---\n{header}---\n\n# {_plain(title)}\n\n" + "\n\n".join(sections) + "\n"


def _side(name: str, pattern: str, store: Store) -> _Side:
    return _Side(name, pattern, store, read_plan(store), corpus_statistics(store, samples=0))


def _header(sides: list[_Side], title: str, config: CardConfig) -> dict[str, Any]:
    samples = sum(side.figures["samples"] for side in sides)
    features = [{"name": name, "dtype": _column(name)[0]} for name in _columns(sides) if name != _PROGRAM]
    splits = [
        {"name": side.name, "num_bytes": side.figures["bytes"], "num_examples": side.figures["samples"]}
        for side in sides
    ]
    header: dict[str, Any] = {"pretty_name": printable(title), "license": printable(config.license)}
    if config.language:
        header["language"] = [printable(config.language)]
    return header | {
        "task_categories": list(_TASKS),
        "tags": ["webdataset", "painting-process", "underpaint", *sorted(_media(sides))],
        "size_categories": [next((name for most, name in _SIZES.items() if samples < most), "n>1T")],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": side.name, "path": side.pattern} for side in sides],
            }
        ],
        "dataset_info": {"features": features, "splits": splits},
    }


def _columns(sides: list[_Side]) -> list[str]:
    found = {name for side in sides for group in side.figures["renderers"].values() for name in group["members"]}
    names = [name for name in _COLUMNS if name == "__key__" or name in found]
    return names + sorted(name for name in found - set(names) if is_frame_member(name))


def _column(name: str) -> tuple[str, str]:
    """Return the type on the hub, and what is in a column."""
    return _COLUMNS.get(name) or ("image", f"frame {int(name[:4])} of the process; 0 is blank, the last one finished")


def _media(sides: list[_Side]) -> set[str]:
    return {name for side in sides for name in side.figures["renderers"]}


def _facts(sides: list[_Side]) -> str:
    text = (
        "Painting processes: how a picture comes to be, from a blank sheet to the finished painting, as the frames of "
        "an animation, and (of painted pictures) as the strokes that make them."
    )
    rows = ["| | samples | pictures | shards | size | skipped |", "| --- | ---: | ---: | ---: | ---: | --- |"]
    for side in sides:
        f = side.figures
        skipped = ", ".join(f"{number} {_plain(reason)}" for reason, number in f["failures"].items()) or "none"
        rows.append(
            f"| {side.name} | {f['samples']:,} | {f['pictures']:,} | {f['shards']:,} of {side.plan.shards:,} "
            f"| {size_text(f['bytes'])} | {skipped} |"
        )
    media = ["| medium | samples | strokes (median) | PSNR, dB (5 %, median, 95 %) |", "| --- | ---: | ---: | ---: |"]
    for side in sides:
        for name, group in side.figures["renderers"].items():
            psnr = group["psnr"]
            shown = " / ".join(f"{psnr[quantile]:.1f}" for quantile in ("p5", "median", "p95")) if psnr else "–"
            label = name if len(sides) == 1 else f"{name}, {side.name}"
            media.append(f"| {_plain(label)} | {group['samples']:,} | {group['strokes']['median']:,.0f} | {shown} |")
    return "\n".join([text, "", *rows, "", *media])


def _features(sides: list[_Side]) -> str:
    rows = [f"| `{name}` | {' | '.join(_column(name))} |" for name in _columns(sides)]
    return "\n".join(["## Features", "", "| column | type | content |", "| --- | --- | --- |", *rows])


def _making(sides: list[_Side]) -> str:
    """Tell how the samples were made, each job once though both sides of a split have it."""
    parts = {part.fingerprint: part for side in sides for part in side.plan.parts}
    versions = Counter[tuple[str, str]]()
    for side in sides:
        versions.update({(name, version): shards for name, version, shards in side.figures["versions"]})
    names = dict.fromkeys(name for name, _ in versions)
    used = _plain("; ".join(f"{name} " + " and ".join(v for n, v in versions if n == name) for name in names))
    blocks = [_part(part) for part in parts.values()]
    return "\n\n".join(["## How it was made", *blocks, f"Written with {used}.", _splitting(sides)]).rstrip()


def _part(part: Part) -> str:
    job, command = part.job, command_of(part.job)
    digest, release = _code(str(job["sources"]["digest"])), _plain(release_of(job))
    what = "recordings" if part.renderers == (RECORDED,) else "pictures"
    said = (
        f"{part.pictures:,} {what} from {_code(str(job['location']))} (digest of their names and captions "
        f"{digest}), by Underpaint {release}, fingerprint {_code(part.fingerprint)}:"
    )
    how = command or "# by networks: underpaint, with\n" + json.dumps(part.config["painting"], sort_keys=True)
    fence = _fence(how, 3)
    return f"{said}\n\n{fence}sh\n{how}\n{fence}"


def _plain(text: str) -> str:
    """Return a text from anywhere in one line of Markdown in which nothing of it is markup, or ends a cell."""
    return _MARKUP.sub(r"\\\g<0>", printable(text))


def _code(text: str) -> str:
    """Return a text from anywhere as code in a line of Markdown."""
    shown, fence = printable(text), _fence(text, 1)
    return f"{fence}{shown}{fence}" if fence == "`" else f"{fence} {shown} {fence}"


def _fence(text: str, least: int) -> str:
    """Return more backticks than there are anywhere in a text."""
    return "`" * max([least, *(len(run) + 1 for run in re.findall("`+", text))])


def _splitting(sides: list[_Side]) -> str:
    if len(sides) == 1:
        return ""
    return "Validation was split off by a hash of the pictures' names: no picture is on both sides, in any medium."


def _loading(sides: list[_Side], place: str) -> str:
    files = {side.name: f"{place}/{side.pattern}" for side in sides}
    first = sides[0]
    last = f"{max(first.plan.shards - 1, 0):06d}"
    tars = files[first.name].replace("*.tar", f"{{000000..{last}}}.tar")
    return f"""## How to load it

```python
import webdataset
from underpaint.datagen.format.decoding import ProcessDecoder  # pip install underpaint

# Its own decoders take an animation's first frame, which is the blank sheet.
for sample in webdataset.WebDataset({tars!r}, shardshuffle=False).map(ProcessDecoder()):
    print(sample["key"], sample["frames"].shape, sample["caption"])
```

```python
from datasets import Features, Image, Json, Value, load_dataset

columns = {_hub_features(sides)}
dataset = load_dataset("webdataset", data_files={files!r}, features=Features(columns), streaming=True)
for sample in dataset[{first.name!r}]:
    print(sample["json"]["caption"], {_shown(sides)}
```

Without `features`, `datasets` guesses the types from the first five samples and brings `{_PROGRAM}` along, as arrays; a
corpus in which later samples look otherwise (captions that begin late, other media) then fails.

```python
from underpaint.datagen.corpus import Corpus  # pip install underpaint

for sample in Corpus({str(first.store)!r}):
    frames = sample.frames()  # uint8 (frames, height, width, 3)
```"""


def _shown(sides: list[_Side]) -> str:
    """Return the end of a line of Python that shows the frames, in whatever format."""
    found = _columns(sides)
    if "mp4" in found:
        return 'len(sample["mp4"]))'
    if "0000.png" in found:
        return 'sample["0000.png"].size)  # each frame is a Pillow image'
    return 'sample["webp"].n_frames)  # webp is a Pillow image; seek(n) gives frame n'


def _hub_features(sides: list[_Side]) -> str:
    types = {"string": 'Value("string")', "binary": 'Value("binary")', "image": "Image()", "json": "Json()"}
    return "{" + ", ".join(f'"{name}": {types[_column(name)[0]]}' for name in _columns(sides) if name != _PROGRAM) + "}"


def _licences(sides: list[_Side], config: CardConfig) -> str:
    text = (
        f"## Licence\n\n{_code(config.license)}. A painting is a work after its picture, so what the pictures allow "
        "decides. Where the sources named a licence and an author, they stand in the `json` of each sample."
    )
    named = sum((Counter(side.figures["licenses"]) for side in sides), Counter())
    if set(named) <= {UNNAMED}:
        return text
    rows = [f"| {_plain(name)} | {samples:,} |" for name, samples in named.most_common()]
    return "\n".join([text, "", "| licence of the picture | samples |", "| --- | ---: |", *rows])
