"""What a painter sees before the first stroke: the regions of a picture, the subject, and what lies behind what."""

from __future__ import annotations

import dataclasses

import numpy as np
import numpy.typing as npt

from underpaint.renderers.region.order import neighbours, prominent, region_means
from underpaint.renderers.saliency import saliency as saliency_of
from underpaint.renderers.salient.faces import faces
from underpaint.renderers.segment.classic import picture_hierarchy
from underpaint.renderers.segment.partition import partition
from underpaint.renderers.segment.working_size import sampled, shrink
from underpaint.renderers.strokes.tiles import Float32

Int32 = npt.NDArray[np.int32]
Float64 = npt.NDArray[np.float64]

# How much each sign says that a region is near: salient, reaching far down, low on the whole, along the border, large.
# Set by hand on photographs of landscapes, animals and things.
_SALIENT, _BOTTOM, _LOW, _BORDER, _LARGE = 1.5, 0.6, 0.4, -0.8, -0.3
# A neighbour of what was painted last counts as so much farther away: the hand stays where it is.
_NEIGHBOUR = 0.25
# A region of which more lies within a face is a part of it; faces of which less lies in such regions get one.
_FACE = 0.5
# Painters of strokes look at pictures of this longer side, px: of larger ones they see the same, and take longer.
LOOK_SIDE = 256


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """A picture as regions that are painted one behind the other.

    Attributes:
        labels: int32 (H, W), the region of each pixel, 0..R-1.
        order: int32 (R,), the regions from the back to the front.
        subject: bool (R,), which regions are the subject.
        saliency: float32 (H, W), 0..1.
    """

    labels: Int32
    order: Int32
    subject: npt.NDArray[np.bool_]
    saliency: Float32

    @property
    def ranks(self) -> Int32:
        """The place of each region in the order, int32 (R,), 0 is the farthest."""
        ranks = np.empty_like(self.order)
        ranks[self.order] = np.arange(len(self.order), dtype=np.int32)
        return ranks


def look(
    image: npt.NDArray[np.uint8],
    *,
    saliency: Float32 | None = None,
    depth: Float32 | None = None,
    detail: float = 1.0,
    side: int | None = None,
    cut_faces: bool = True,
) -> Scene:
    """Return the regions of a picture and the order in which one paints them: faces last, where they are seen.

    Args:
        image: uint8 (H, W, 3).
        saliency: float32 (H, W), 0..1, a better map than the one that is computed; faces aren't looked for then.
        depth: float32 (H, W), 0..1, white is near. It decides the order; without one saliency and position do.
        detail: how finely the picture is cut, see `partition`.
        side: pictures whose longer side has more pixels are looked at in a copy of this one.
        cut_faces: whether a face that has no region gets one, an ellipse; no place for whoever draws outlines.
    """
    if side is not None and max(image.shape[:2]) > side:
        small, (height, width) = shrink(image, side), image.shape[:2]
        saliency, depth = (None if plane is None else sampled(plane, *small.shape[:2]) for plane in (saliency, depth))
        seen = look(small, saliency=saliency, depth=depth, detail=detail, cut_faces=cut_faces)
        labels, saliency = sampled(seen.labels, height, width), sampled(seen.saliency, height, width)
        return dataclasses.replace(seen, labels=labels, saliency=saliency)
    hierarchy = picture_hierarchy(image)
    labels = partition(image, "classic", detail=detail, hierarchy=hierarchy)
    face = np.zeros(labels.shape, np.float32)
    if saliency is None:
        face = faces(image).astype(np.float32)
        saliency = np.maximum(saliency_of(image, hierarchy), face)
        labels = _with_faces(labels, face) if cut_faces else labels
    subject = prominent(labels, saliency)
    order = back_to_front(labels, saliency, subject, depth, region_means(labels, face) > _FACE)
    return Scene(labels=labels, order=order, subject=subject, saliency=saliency)


def _with_faces(labels: Int32, face: Float32) -> Int32:
    """Return the regions, int32 (H, W), with one for the faces, float32 (H, W), 0 or 1, if they have none."""
    own = region_means(labels, face) > _FACE
    if face[own[labels]].sum() >= _FACE * face.sum():
        return labels
    split = np.where(face > 0, len(own), labels)
    return np.unique(split, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


def back_to_front(
    labels: Int32,
    saliency: Float32,
    subject: npt.NDArray[np.bool_],
    depth: Float32 | None = None,
    last: npt.NDArray[np.bool_] | None = None,
) -> Int32:
    """Return the regions from the back to the front, int32 (R,); see `look`.

    Args:
        labels: int32 (H, W), regions 0..R-1.
        saliency: float32 (H, W), 0..1.
        subject: bool (R,), which regions are the subject; without a depth map they come after the others.
        depth: float32 (H, W), 0..1, white is near.
        last: bool (R,), regions that come last, unless there is a depth map.
    """
    touching = neighbours(labels)
    if depth is not None:
        # Far to near, whatever is the subject.
        return _far_to_near(region_means(labels, depth), touching, [np.ones_like(subject)])
    last = np.zeros(len(subject), np.bool_) if last is None else last
    groups = [~subject & ~last, subject & ~last, last]
    return _far_to_near(_nearness(labels, saliency), touching, groups)


def _nearness(labels: Int32, saliency: Float32) -> Float64:
    """Return a guess at how near each region is, float64 (R,), from where it lies and how it stands out."""
    height, width = labels.shape
    areas = np.bincount(labels.ravel()).astype(np.float64)
    rows = np.repeat(np.arange(height) / height, width).reshape(height, width)
    bottoms = np.zeros(len(areas))
    np.maximum.at(bottoms, labels.ravel(), rows.ravel())
    sides = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    border = np.bincount(sides, minlength=len(areas)) / len(sides)
    low, salient = region_means(labels, rows), region_means(labels, saliency)
    return np.asarray(
        _SALIENT * salient + _BOTTOM * bottoms + _LOW * low + _BORDER * border + _LARGE * areas / labels.size
    )


def _far_to_near(near: Float64, touching: npt.NDArray[np.bool_], groups: list[npt.NDArray[np.bool_]]) -> Int32:
    """Return the regions group by group, the farthest of a group first, spreading through neighbours, int32 (R,)."""
    order: list[int] = []
    beside = np.zeros(len(near), np.bool_)
    left = np.ones(len(near), np.bool_)
    for group in groups:
        while (group & left).any():
            candidates = group & left & beside if (group & left & beside).any() else group & left
            distance = np.where(candidates, near, np.inf)
            if order:
                distance = distance - _NEIGHBOUR * touching[order[-1]]
            region = int(np.argmin(distance))
            order.append(region)
            left[region] = False
            beside |= touching[region]
    return np.array(order, np.int32)
