"""Fit the weights of the saliency map and print them as the source of renderers/salient/weights.py.

    python -m benchmarks.saliency_weights > renderers/salient/weights.py

Logistic regression on the superpixels of the pictures tuned on (`benchmarks.saliency`): an object's share of a
superpixel is its label, its share of the picture its weight. Needs scikit-learn.
"""

from __future__ import annotations

import sys

import numpy as np
import numpy.typing as npt
from PIL import Image
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

from benchmarks.saliency import Labelled, f_measure, labelled_pictures
from underpaint.renderers.saliency import superpixel_cues
from underpaint.renderers.segment import picture_hierarchy

Float64 = npt.NDArray[np.float64]

# The inverse strength of the regression's L2 penalty on standardised cues: from .01 to .1 nothing changes.
_PENALTY = 0.03
# Every picture weighs as much as so many superpixels.
_WEIGHT = 200.0
_FOLDS = 7

_HEAD = '''"""The weights of the cues, fitted by `python -m benchmarks.saliency_weights`."""

from __future__ import annotations

# Above 0: speaks for the object.
WEIGHTS = {{
{weights}
}}
CONSTANT = {constant}
'''


def samples(picture: Labelled) -> tuple[list[str], Float64, Float64, Float64]:
    """Return the names of the cues, their values (S, F), the object's share (S,) and the area (S,) of superpixels."""
    hierarchy = picture_hierarchy(picture.image)
    parents, found, areas, _ = superpixel_cues(picture.image, hierarchy)
    labels = parents[hierarchy.labels]
    mask = Image.fromarray(picture.mask.astype(np.uint8) * 255)
    small = np.asarray(mask.resize(labels.shape[::-1], Image.Resampling.BOX)) / 255
    return (
        list(found),
        np.stack(list(found.values()), axis=1),
        np.bincount(labels.ravel(), small.ravel()) / areas,
        areas,
    )


def fit(data: list[tuple[list[str], Float64, Float64, Float64]]) -> tuple[Float64, float]:
    """Return a weight for each cue, and the constant."""
    values = np.concatenate([row[1] for row in data])
    share = np.concatenate([row[2] for row in data])
    weights = np.concatenate([_WEIGHT * row[3] / row[3].sum() for row in data])
    mean, scale = values.mean(axis=0), values.std(axis=0)
    model = LogisticRegression(C=_PENALTY, max_iter=1000)
    # Each superpixel twice: as object, as much as it is, and as background.
    model.fit(
        np.tile((values - mean) / scale, (2, 1)),
        np.repeat([1, 0], len(values)),
        sample_weight=np.concatenate([weights * share, weights * (1 - share)]),
    )
    slopes = model.coef_[0] / scale
    return slopes, float(model.intercept_[0] - slopes @ mean)


def main() -> None:
    """Print the source on standard output, and the cross-validated quality on standard error."""
    data = [samples(picture) for picture in labelled_pictures() if picture.tuned]
    guesses, objects = [], []
    for fold in range(_FOLDS):
        slopes, constant = fit([row for k, row in enumerate(data) if k % _FOLDS != fold])
        for _, values, share, areas in data[fold::_FOLDS]:
            # As pictures of one row, a pixel for each thousandth of the area.
            times = np.maximum(np.round(1000 * areas / areas.sum()), 1).astype(int)
            likely = 1 / (1 + np.exp(-(values @ slopes + constant)))
            guesses.append(np.repeat(likely, times).astype(np.float32)[None])
            objects.append(np.repeat(share > 0.5, times)[None])
    print(f"cross-validated on {len(data)} pictures: max F {f_measure(guesses, objects):.3f}", file=sys.stderr)
    slopes, constant = fit(data)
    weights = "\n".join(f'    "{name}": {slope:.3f},' for name, slope in zip(data[0][0], slopes, strict=True))
    print(_HEAD.format(weights=weights, constant=f"{constant:.3f}"), end="")


if __name__ == "__main__":
    main()
