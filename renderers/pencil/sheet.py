"""The sheet: what is drawn, on what, and by whom."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from underpaint.renderers.ink.scaled import ScaledTones
from underpaint.renderers.order.overlaps import Int32
from underpaint.renderers.order.scene import Scene, look
from underpaint.renderers.pencil.habits import Habits
from underpaint.renderers.pencil.paper import paper_hollows
from underpaint.renderers.pencil.tones import pencil_tones
from underpaint.renderers.region.order import neighbours, region_means
from underpaint.renderers.segment.working_size import sampled, shrink
from underpaint.renderers.strokes.search import Search
from underpaint.renderers.strokes.tiles import Float32

UInt8 = npt.NDArray[np.uint8]

# The longest side on which one sees regions.
_LOOK_SIDE = 320
# The share of a light picture that gets accents, unless it is lighter than this tone.
_DARKER_PARTS, _LIGHTEST_ACCENT = 0.33, 0.75
# The hand goes to a neighbour of what it just finished, unless another region is so much darker.
_NEIGHBOUR = 0.2
# Where the saliency is above this lies what one looks at.
_SEEN = 0.4


@dataclasses.dataclass(frozen=True, kw_only=True)
class PencilRecipe:
    """How much effort a drawing gets."""

    search: Search
    # How often every mark's strength is set anew.
    sweeps: int = 3


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class PencilSheet:
    """What all steps of a drawing look at. Lengths are in pixels of `tone`.

    Attributes:
        tone: float32 (H, W), the share of the paper's light to give back, see `tones.pencil_tones`.
        reserved: the tone at which hatching stops; accents go on to the darkest.
        full: the tone, at full scale.
        hollows: tiles float32 (rows, columns, 64), see `paper.paper_hollows`.
        scene: the regions, at any scale.
        ranks: int32 (R,), when each region is hatched.
        flat: float32 (H, W), the mean tone of each pixel's region.
        seen: bool (H, W), where one looks.
        habits: the hand.
        recipe: the effort.
        seed: of the drawing.
    """

    tone: Float32
    reserved: float
    full: ScaledTones
    hollows: Float32
    scene: Scene
    ranks: Int32
    flat: Float32
    seen: npt.NDArray[np.bool_]
    habits: Habits
    recipe: PencilRecipe
    seed: int

    @property
    def side(self) -> int:
        """The longer side, in pixels."""
        return int(max(self.tone.shape))

    def scaled(self, tone: Float32, scale: float) -> ScaledTones:
        """Return a tone, float32 (H, W), at a scale."""
        return ScaledTones(np.repeat(tone[..., None], 3, axis=2), scale)


def prepare_sheet(
    picture: UInt8, habits: Habits, recipe: PencilRecipe, densest: float, seed: int, saliency: Float32 | None
) -> PencilSheet:
    """Return the sheet on which a picture, uint8 (H, W, 3), is drawn.

    Args:
        picture: of the size at which it is fitted.
        habits, recipe, seed: see `PencilSheet`.
        densest: the tone of the darkest graphite.
        saliency: float32 (H, W) of any size, 0..1, a better map than the one that is computed.
    """
    height, width = picture.shape[:2]
    small = shrink(picture, _LOOK_SIDE)
    if saliency is not None:
        saliency = sampled(saliency, small.shape[0], small.shape[1])
    scene = look(small, saliency=saliency)
    means = region_means(scene.labels, pencil_tones(small, densest))
    tone = pencil_tones(picture, densest)
    full = ScaledTones(np.repeat(tone[..., None], 3, axis=2), 1.0)
    return PencilSheet(
        tone=tone,
        reserved=_reserved(tone, densest, habits),
        full=full,
        hollows=paper_hollows(full.grid),
        scene=scene,
        ranks=_darkest_first(means, scene),
        flat=means.astype(np.float32)[sampled(scene.labels, height, width)],
        seen=sampled(scene.saliency, height, width) > _SEEN,
        habits=habits,
        recipe=recipe,
        seed=seed,
    )


def _reserved(tone: Float32, densest: float, habits: Habits) -> float:
    """Return the tone at which hatching stops: the hand's own, or in a light picture that of its darker parts."""
    darker = float(np.quantile(tone, _DARKER_PARTS))
    return max(densest + habits.reserve * (1 - densest), min(darker, _LIGHTEST_ACCENT))


def _darkest_first(means: npt.NDArray[np.float64], scene: Scene) -> Int32:
    """Return when each region is hatched, int32 (R,): the darkest first, then mostly its neighbours."""
    touching = neighbours(scene.labels)
    left = np.ones(len(means), np.bool_)
    ranks = np.empty(len(means), np.int32)
    last = -1
    for turn in range(len(means)):
        cost = np.where(left, means, np.inf)
        if last >= 0:
            cost = cost - _NEIGHBOUR * touching[last]
        last = int(np.argmin(cost))
        ranks[last], left[last] = turn, False
    return ranks
