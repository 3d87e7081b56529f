"""The configuration of `underpaint-data guides`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from underpaint.commandline.checks import at_least, within
from underpaint.datagen.config import PILLOW_MAX_PIXELS, parse_resources
from underpaint.datagen.jobs.whereabouts import is_listed
from underpaint.datagen.sources.folders import is_pattern
from underpaint.datagen.sources.reading import is_part
from underpaint.datagen.storage.remote import PUBLIC
from underpaint.renderers.vision.devices import check_device


@dataclass(frozen=True, kw_only=True)
class GuidesConfig:
    """Settings of `underpaint-data guides`: maps and captions beside the pictures of a source.

    Args:
        source: Pictures: a folder (searched recursively), a glob, or a .jsonl, .csv, .tsv or .parquet list of files.
        saliency: Network for salient objects, an .onnx file: U2-Net, IS-Net or BiRefNet. Writes NAME.saliency.png.
        depth: Folder with a model of transformers for depth estimation, such as Depth Anything. Writes NAME.depth.png.
        captions: Folder with a model of transformers for image captioning, such as BLIP. Writes NAME.caption.json for
            pictures that have no caption.
        remake: Make maps and captions again that another model made. Those that no model made are always kept.
        size: Short side of the maps in pixels; no map is larger than its picture.
        device: Device that the models run on: `cpu`, `cuda`, or `auto` (`cuda` if there is one).
        caption_tokens: Maximum number of tokens of a caption.
        max_pixels: Maximum number of pixels of a picture, read from its header; larger pictures are skipped.
        max_aspect: Maximum ratio of long to short side of a picture; longer pictures are skipped.
        batch: Number of pictures that a worker takes at a time.
        workers: Number of local worker processes; by default one per core. 0 works in the main process.
        address: Address of a running Ray cluster to join, or `auto`. Can't be combined with `workers`.
        resources: Resources that a worker needs, such as `CPU=1,GPU=1`; by default one core.
        ship_code: Send the code of Underpaint to the cluster at `address`; its machines need only the dependencies.
        max_retries: Maximum number of retries of a batch whose worker died or whose disk failed, with growing pauses.

    Raises:
        ValueError: a value out of range, or values that don't go together; says which and what to do.
    """

    source: str
    saliency: Path | None = None
    depth: Path | None = None
    captions: Path | None = None
    remake: bool = False
    size: int = 512  # what corpora are usually painted at; a map at 1024 px is four times the file
    device: str = "auto"
    caption_tokens: int = 40
    max_pixels: int = 50_000_000  # as `generate`
    max_aspect: float = 4.0  # as `generate`; depth takes memory by its square
    batch: int = 16  # a minute of a core, and so little is lost with a worker
    workers: int | None = None
    address: str | None = None
    resources: str | dict[str, float] = ""
    ship_code: bool = False
    max_retries: int = 3

    def __post_init__(self) -> None:
        if not self.models:
            raise ValueError(
                "there is nothing to do: give --saliency FILE.onnx, --depth FOLDER or --captions FOLDER, with a model"
            )
        within(16, 4096, size=self.size)
        within(1, 512, caption_tokens=self.caption_tokens)
        at_least(1, max_aspect=self.max_aspect, batch=self.batch)
        within(256, PILLOW_MAX_PIXELS, max_pixels=self.max_pixels)
        at_least(0, max_retries=self.max_retries, workers=self.workers)
        check_device(self.device)
        parse_resources(self.resources)
        if self.workers is not None and self.address is not None:
            raise ValueError(
                f"workers is {self.workers} and address is {self.address!r}: a running cluster "
                "brings its own number of workers, so give only one of the two"
            )
        if self.source.startswith(PUBLIC):
            raise ValueError(f"source is {self.source}: nothing can be written there; fetch the pictures first")
        if self.captions is not None and self._is_list:
            raise ValueError(
                f"captions of a list stand in the list, so none is read beside the pictures of {self.source}: give the "
                "folder of the pictures, or leave out --captions"
            )

    @property
    def models(self) -> dict[str, Path]:
        """The models that are given, by what they make: `saliency`, `depth`, `captions`."""
        given = {"saliency": self.saliency, "depth": self.depth, "captions": self.captions}
        return {name: path for name, path in given.items() if path is not None}

    @property
    def _is_list(self) -> bool:
        """Whether the pictures are those of lists or tars, and not found in folders."""
        return is_part(self.source) if is_pattern(self.source) else not is_listed(self.source) and is_part(self.source)
