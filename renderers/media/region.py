"""Region by region: the picture is cut into regions, and one after the other is laid in flat and filled."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from underpaint.renderers.colour import ground_colour
from underpaint.renderers.limits import check_choice
from underpaint.renderers.medium import Medium, Painter, UInt8, check_columns
from underpaint.renderers.order.times import stroke_times
from underpaint.renderers.program import ProgramData
from underpaint.renderers.region.fill import fill_progress, fill_region
from underpaint.renderers.region.flats import Flats, lay_flats
from underpaint.renderers.region.order import PHASES, painting_order, prominent
from underpaint.renderers.region.painter import (
    FILL_PREFIX,
    MAX_REVEALED_SIDE,
    REVEAL,
    RegionPainter,
    RegionStep,
    decode_picture,
    encode_picture,
    fill_program,
    steps_of,
)
from underpaint.renderers.region.wipe import wipe_region
from underpaint.renderers.registry import get_medium
from underpaint.renderers.seeds import region_seed
from underpaint.renderers.strokes.columns import COLUMNS
from underpaint.renderers.strokes.structure import structure_tensor
from underpaint.renderers.strokes.tiles import Float32
from underpaint.renderers.vision.devices import check_device
from underpaint.renderers.vision.identity import identity
from underpaint.renderers.vision.salient import salient_objects

Order = Literal["saliency", "background-first", "back-to-front", "depth"]
Segmenter = Literal["auto", "classic", "sam"]
# The phase before those of the order.
FLATS = "flats"
# Share of the strokes that lay flats, and of the way: flats are quick.
_FLAT_STROKES, _FLAT_WAY = 0.15, 0.45
SaliencySource = Literal["auto", "computed", "file"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class RegionOptions:
    """Options of the `region` renderer.

    Attributes:
        fill: What fills a region: `reveal` (the picture itself, wiped in along its structure), or a stroke medium such
            as `oil`, whose strokes are clipped to the region.
        order: Which regions are painted first: `back-to-front`, `saliency` (the subject, then its surroundings),
            `background-first`, or `depth` (near to far, by a depth map beside the picture, white is near).
        flats: Whether each region is laid in with one plane of colour, from the back to the front and a little under
            what follows, before the picture appears in it; with `reveal` only, where it is the default.
        segmenter: What cuts the picture into regions: `classic` (no network), `sam` (Segment Anything, needs
            `sam_checkpoint`), or `auto` (`sam` if a checkpoint is given, else `classic`).
        detail: How finely `classic` segments: 1 is objects and their parts, a larger number gives more regions.
        saliency: Where the saliency map comes from: `file` (beside the picture, white is salient), `computed` from the
            picture, `auto` (beside the picture if there is one, else computed), or a network for salient objects in an
            .onnx file: U2-Net, IS-Net or BiRefNet.
        saliency_device: Device that such a network runs on: `cpu`, `cuda`, or `auto` (`cuda` if there is one).
        ground: Colour of the blank canvas with `reveal`: a colour name, `#rrggbb`, or `mean` (the mean colour of the
            picture). Stroke media have a ground of their own.
        sam_checkpoint: File with the weights of Segment Anything, ViT-B, ViT-L or ViT-H; or a folder with a model of
            transformers for mask generation, such as SAM 2.
        sam_device: Device that Segment Anything runs on: `cpu`, `cuda`, or `auto` (`cuda` if there is one).
        sam_points: Point prompts per side of the grid that Segment Anything is prompted with.
        sam_iou: Masks with a predicted IoU below this are dropped, 0 to 1.
        sam_stability: Masks with a stability score below this are dropped, 0 to 1.
    """

    # The one that ends in the picture itself, and the fastest.
    fill: str = REVEAL
    # As people paint: with flats nearly half of the paintings of photographs go their way, without none does.
    order: Order = "back-to-front"
    flats: bool | None = None
    segmenter: Segmenter = "auto"
    detail: float = 1.0
    saliency: SaliencySource | Path = "auto"
    saliency_device: str = "auto"
    ground: str = "white"
    sam_checkpoint: Path | None = None
    sam_device: str = "auto"
    # Segment Anything's own defaults.
    sam_points: int = 32
    sam_iou: float = 0.88
    sam_stability: float = 0.95

    def __post_init__(self) -> None:
        for name, choices in (("order", Order), ("segmenter", Segmenter)):
            check_choice(name, getattr(self, name), get_args(choices))
        check_device(self.saliency_device)
        if str(self.saliency) in get_args(SaliencySource):
            object.__setattr__(self, "saliency", str(self.saliency))
        elif str(self.saliency).endswith(".onnx"):
            object.__setattr__(self, "saliency", Path(self.saliency))
        else:
            check_choice("saliency", str(self.saliency), (*get_args(SaliencySource), "an .onnx file"))
        if self.fill != REVEAL:
            _stroke_medium(self.fill)
            if self.flats:
                raise ValueError(f"flats=True goes with fill={REVEAL!r}, not with {self.fill!r}: leave it out")
        if not 0 < self.detail < math.inf:
            raise ValueError(f"detail={self.detail} must be above 0; 1 is the usual")


class Region(Medium):
    """See the module."""

    name = "region"
    options = RegionOptions
    # Most of the paintings go the way of people's by it: docs/evaluation.md.
    schedule = "change"

    def guides(self, options: RegionOptions) -> tuple[str, ...]:
        """Return the maps beside the picture that these options need."""
        wanted = {"saliency": options.saliency == "file", "depth": options.order == "depth"}
        return tuple(name for name, needed in wanted.items() if needed)

    def welcome(self, options: RegionOptions) -> tuple[str, ...]:
        """Return the maps that these options make use of where they lie beside the picture."""
        return ("saliency",) if options.saliency == "auto" else ()

    def longest_side(self, options: RegionOptions) -> int | None:
        """Return the longest side of a picture that these options can keep, in pixels."""
        return MAX_REVEALED_SIDE if options.fill == REVEAL else None

    def fit(
        self,
        image: UInt8,
        *,
        strokes: int,
        quality: str,
        seed: int,
        options: RegionOptions,
        guides: Mapping[str, Float32],
    ) -> ProgramData:
        """Cut, put in order, fill; see `renderers.paint` for the arguments."""
        labels, saliency, about = _regions_and_saliency(image, options, guides)
        order, before_break = _order_of(labels, saliency, guides.get("depth"), options.order)
        # A flat takes a mark as well.
        flat = options.fill == REVEAL and options.flats is not False and strokes > 1
        ranks, before_break = _ranked(labels, order, before_break, strokes // 2 if flat else strokes)
        tensor = structure_tensor(image.astype(np.float32) / np.float32(255))
        weights = np.ones_like(saliency) if options.fill == REVEAL else _detail(tensor)
        areas = np.bincount(ranks.ravel(), weights=weights.ravel()).astype(np.float64)
        flats = _flats(image, tensor, ranks, areas, strokes, saliency, guides.get("depth")) if flat else None
        budgets = _budgets(areas, strokes - (sum(map(len, flats.wipes)) if flats is not None else 0))
        parts = _filled(image, tensor, ranks, budgets, quality, seed, options)
        steps = _in_order([len(part) for part in parts], flats)
        ends = np.array([step.end for step in steps if not step.flat])
        arrays = {
            "fill": np.array(options.fill),
            "labels": ranks.astype(np.uint16),
            "ends": ends.astype(np.int32),
            "saliency": np.round(saliency * 255).astype(np.uint8),
        }
        if options.fill == REVEAL:
            arrays["picture"] = encode_picture(image)
        else:
            arrays |= {FILL_PREFIX + name: array for name, array in parts[0].arrays.items()}
            arrays[FILL_PREFIX + "phases"] = np.array(parts[0].phases)
            arrays[FILL_PREFIX + "phase"] = np.concatenate([part.phase for part in parts if part.phase is not None])
        marks: list[Float32] = [part.strokes for part in parts]
        phases: tuple[str, ...] = PHASES[options.order]
        phase = [np.full(len(part), rank >= before_break, np.uint8) for rank, part in enumerate(parts)]
        if flats is not None:
            flat_ends = np.array([step.end for step in steps if step.flat], np.int32)
            arrays |= {"flat_ends": flat_ends, "flat_regions": flats.regions, "flat_planes": flats.planes}
            laid = flats.wipes
            marks = [laid[step.number] if step.flat else marks[step.number] for step in steps]
            phase = [
                np.zeros(len(laid[step.number]), np.uint8) if step.flat else phase[step.number] + np.uint8(1)
                for step in steps
            ]
            phases = (FLATS, *phases)
        return ProgramData(
            medium=self.name,
            size=(image.shape[0], image.shape[1]),
            ground=parts[0].ground,
            strokes=np.concatenate(marks),
            columns=parts[0].columns,
            phases=phases,
            phase=np.concatenate(phase),
            arrays=arrays,
            about={
                **about,
                "order": options.order,
                "fill": options.fill,
                "regions": len(ends),
            },
        )

    def check(self, program: ProgramData) -> None:
        """Raise ValueError unless partition, marks and picture fit together."""
        missing = {"fill", "labels", "ends", "saliency"} - program.arrays.keys()
        if missing:
            raise ValueError(f"it lacks the arrays {', '.join(sorted(missing))}")
        labels, ends = program.arrays["labels"], program.arrays["ends"]
        for name, dtype in (("labels", np.uint16), ("saliency", np.uint8)):
            array = program.arrays[name]
            if array.dtype != dtype or array.shape != program.size:
                raise ValueError(
                    f"its {name} must be {np.dtype(dtype)} {program.size}, not {array.dtype} {array.shape}"
                )
        if ends.dtype != np.int32 or ends.ndim != 1 or len(ends) == 0:
            raise ValueError(f"its ends must be int32 (regions,), not {ends.dtype} {ends.shape}")
        # A region of the ground's own colour takes no stroke.
        if (np.diff(ends, prepend=0) < 0).any() or ends[-1] != len(program):
            raise ValueError(f"its ends must rise to the {len(program)} marks, region by region")
        if len(np.unique(labels)) != len(ends) or labels.max() != len(ends) - 1:
            raise ValueError(f"its labels must be those of {len(ends)} regions")
        _check_flats(program)
        if str(program.arrays["fill"]) != REVEAL:
            medium = _stroke_medium(str(program.arrays["fill"]))
            phase = program.arrays.get(FILL_PREFIX + "phase", np.zeros(0))
            if phase.shape != (len(program),) or FILL_PREFIX + "phases" not in program.arrays:
                raise ValueError(f"its {FILL_PREFIX}phases and {FILL_PREFIX}phase must tell the phase of each mark")
            medium.check(fill_program(program, 0, len(program)))
            return
        check_columns(program, COLUMNS)
        picture = decode_picture(program.arrays.get("picture", np.zeros(0, np.uint8)))
        if picture.shape != (*program.size, 3):
            raise ValueError(f"its picture is {picture.shape}, its canvas {program.size}")

    def painter(self, program: ProgramData, height: int, width: int) -> Painter:
        """Return a blank canvas for the program."""
        return RegionPainter(program, height, width)

    def progress(self, program: ProgramData, target: UInt8) -> npt.NDArray[np.float64]:
        """Return the share of the canvas that is filled -> float64 (N + 1,).

        A half-filled region counts by its wipes, or by how far it has come as its stroke medium sees it.
        """
        labels, fill, steps = program.arrays["labels"], str(program.arrays["fill"]), steps_of(program)
        areas = np.bincount(labels.ravel()) / labels.size
        flat_way = _FLAT_WAY if "flat_ends" in program.arrays else 0.0
        progress, done, start = [np.zeros(1)], 0.0, 0
        for step in steps:
            region = int(program.arrays["flat_regions"][step.number]) if step.flat else step.number
            if fill == REVEAL:
                share = np.arange(1, step.end - start + 1) / max(step.end - start, 1)
            else:
                part = fill_program(program, start, step.end)
                share = fill_progress(get_medium(fill), part, target, labels == region)
            way = areas[region] * (flat_way if step.flat else 1 - flat_way)
            progress.append(done + way * share)
            done, start = done + way, step.end
        return np.concatenate(progress)

    def times(self, program: ProgramData) -> npt.NDArray[np.float64]:
        """Return how long a painter takes for each mark -> float64 (N,), with a pause before each flat and region."""
        return stroke_times(
            program, np.searchsorted([step.end for step in steps_of(program)], np.arange(len(program)), side="right")
        )

    def moment(self, program: ProgramData, count: int) -> dict[str, Any]:
        """Return the phase, and how many regions are finished."""
        finished = int(np.searchsorted(program.arrays["ends"], count, side="right"))
        return {**super().moment(program, count), "regions": finished}


def _check_flats(program: ProgramData) -> None:
    """Raise ValueError unless a program says all of its flats or nothing, and lays each before its region is filled."""
    found = {name: program.arrays.get(name) for name in ("flat_ends", "flat_regions", "flat_planes")}
    if all(array is None for array in found.values()):
        return
    count = len(program.arrays["ends"])
    wanted: dict[str, tuple[type, tuple[int, ...]]] = {
        "flat_ends": (np.int32, (count,)),
        "flat_regions": (np.uint16, (count,)),
        "flat_planes": (np.float32, (count, 3, 3)),
    }
    for name, (dtype, shape) in wanted.items():
        array = found[name]
        if array is None or array.dtype != dtype or array.shape != shape:
            raise ValueError(f"its {name} must be {np.dtype(dtype)} {shape}")
    ends, flat_ends, regions = (program.arrays[name] for name in ("ends", "flat_ends", "flat_regions"))
    if str(program.arrays["fill"]) != REVEAL or (np.diff(flat_ends, prepend=0) < 1).any():
        raise ValueError(f"its flats must have marks each, and go with {REVEAL}")
    if sorted(regions.tolist()) != list(range(count)) or (flat_ends >= ends[regions]).any():
        raise ValueError(f"its flats must be those of {count} regions, each before its region is filled")


def _stroke_medium(name: str) -> Medium:
    if name == Region.name:
        raise ValueError(f"fill={name!r}: a region can't be filled region by region; use {REVEAL}, or a stroke medium")
    medium = get_medium(name)
    if not medium.fills:
        raise ValueError(f"fill={name!r}: this medium works over the whole sheet; use {REVEAL}, bezier, oil or ink")
    return medium


def _regions_and_saliency(
    image: UInt8, options: RegionOptions, guides: Mapping[str, Float32]
) -> tuple[npt.NDArray[np.int32], Float32, dict[str, Any]]:
    """Return labels int32 (H, W), saliency float32 (H, W), and what there is to say of where both come from."""
    # scikit-image takes half a second to import, and replaying does without.
    from underpaint.renderers.saliency import saliency as compute_saliency
    from underpaint.renderers.segment import SamOptions, partition, picture_hierarchy, sam_model_type

    classic = options.segmenter == "classic" or (options.segmenter == "auto" and options.sam_checkpoint is None)
    model = options.saliency if isinstance(options.saliency, Path) else None
    computed = model is None and "saliency" not in guides
    # Regions and saliency both come from it, and it takes the most of their time.
    hierarchy = picture_hierarchy(image) if classic or computed else None
    about = {"saliency": "computed" if computed else "file"}
    if model is not None:
        saliency = salient_objects(image, model, device=options.saliency_device)
        about = {"saliency": "model", "saliency_model": identity(model)}
    else:
        saliency = compute_saliency(image, hierarchy) if computed else guides["saliency"]
    if classic:
        labels = partition(image, "classic", detail=options.detail, hierarchy=hierarchy)
        return labels, saliency, about | {"segmenter": "classic"}
    sam = SamOptions(
        checkpoint=str(options.sam_checkpoint or ""),
        device=options.sam_device,
        points_per_side=options.sam_points,
        pred_iou_thresh=options.sam_iou,
        stability_score_thresh=options.sam_stability,
    )
    about |= {"segmenter": "sam", "sam_model": sam_model_type(sam)}
    return partition(image, "sam", sam=sam), saliency, about


def _ranked(
    labels: npt.NDArray[np.int32], order: npt.NDArray[np.int32], before_break: int, strokes: int
) -> tuple[npt.NDArray[np.int32], int]:
    """Return labels by place in the painting order, and how many of these come before the break.

    Where there are fewer marks than regions, regions that follow each other become one.
    """
    group = np.arange(len(order))
    if strokes < len(order):
        group = group * strokes // len(order)
    rank = np.empty(len(order), np.int32)
    rank[order] = group
    return rank[labels], int(group[before_break - 1]) + 1


def _detail(tensor: Float32) -> Float32:
    """Return how much there is to paint in each pixel, float32 (H, W): its contrast plus a third of the mean."""
    # The tensor's running means end up a rounding error below zero where the picture is flat.
    contrast = np.sqrt(np.maximum(tensor[0] + tensor[1], np.float32(0)))
    return np.asarray(contrast + contrast.mean() / 3 + np.float32(1e-6), np.float32)


def _budgets(weights: npt.NDArray[np.float64], strokes: int) -> list[int]:
    """Return the marks for each region: one, and of the rest a share by weight."""
    spare = strokes - len(weights)
    shares = np.floor(np.cumsum(weights) / weights.sum() * spare + 1e-9).astype(np.int64)
    return [1 + int(share) for share in np.diff(shares, prepend=0)]


def _order_of(
    labels: npt.NDArray[np.int32], saliency: Float32, depth: Float32 | None, order: str
) -> tuple[npt.NDArray[np.int32], int]:
    """Return the regions in the order in which they are filled, int32 (R,), and how many come before the break."""
    if order != "back-to-front":
        return painting_order(labels, depth if order == "depth" and depth is not None else saliency, order)
    # scikit-image takes half a second to import.
    from underpaint.renderers.order.scene import back_to_front

    subject = prominent(labels, saliency)
    return back_to_front(labels, saliency, subject), int((~subject).sum()) or len(subject)


def _in_order(lengths: list[int], flats: Flats | None) -> list[RegionStep]:
    """Return the steps of a program in order, of regions with so many marks each.

    A region is filled once it and the one that is laid over it next are laid flat.
    """
    regions = [RegionStep(length, False, number) for number, length in enumerate(lengths)]
    steps, laid = [], 0
    for region in regions:
        if flats is not None:
            ahead = int(np.flatnonzero(flats.regions == region.number)[0]) + 2
            steps += [RegionStep(len(wipes), True, laid + i) for i, wipes in enumerate(flats.wipes[laid:ahead])]
            laid = max(laid, min(ahead, len(regions)))
        steps.append(region)
    ends = np.cumsum([step.end for step in steps])
    return [step._replace(end=int(end)) for step, end in zip(steps, ends, strict=True)]


def _flats(
    image: UInt8,
    tensor: Float32,
    ranks: npt.NDArray[np.int32],
    areas: npt.NDArray[np.float64],
    strokes: int,
    saliency: Float32,
    depth: Float32 | None,
) -> Flats:
    """Return the flats, back to front, of a share of the strokes, by area."""
    # scikit-image takes half a second to import.
    from underpaint.renderers.order.scene import back_to_front

    order = back_to_front(ranks, saliency, prominent(ranks, saliency), depth)
    budget = min(max(round(_FLAT_STROKES * strokes), len(areas)), strokes - len(areas))
    return lay_flats(image, tensor, ranks, order, _budgets(areas[order], budget))


def _filled(
    image: UInt8,
    tensor: Float32,
    ranks: npt.NDArray[np.int32],
    budgets: list[int],
    quality: str,
    seed: int,
    options: RegionOptions,
) -> list[ProgramData]:
    """Return a program for each region, in order."""
    masks = (ranks == rank for rank in range(len(budgets)))
    if options.fill == REVEAL:
        ground = ground_colour(options.ground, image)
        return [
            ProgramData(
                medium=Region.name,
                size=(image.shape[0], image.shape[1]),
                ground=ground,
                strokes=wipe_region(mask, image, tensor, budget),
            )
            for mask, budget in zip(masks, budgets, strict=True)
        ]
    medium = _stroke_medium(options.fill)
    parts = []
    for rank, (mask, budget) in enumerate(zip(masks, budgets, strict=True)):
        part = fill_region(medium, image, mask, budget, quality, region_seed(seed, rank), medium.filling())
        parts.append(part)
    return parts


MEDIUM = Region()
