"""Linear discriminants (Fisher 1936): which class is likeliest, from means and one covariance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


class Discriminant:
    """Linear discriminants of classes with one covariance, which is shrunk towards that of even directions."""

    def __init__(self, features: Floats, labels: Numbers, classes: int, shrinkage: float = 0.05) -> None:
        means = np.stack([features[labels == each].mean(axis=0) for each in range(classes)])
        spread = features - means[labels]
        covariance = spread.T @ spread / len(features)
        covariance += shrinkage * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
        self._weights = np.linalg.solve(covariance, means.T)
        self._bias = -0.5 * (means.T * self._weights).sum(axis=0)

    def scores(self, features: Floats) -> Floats:
        """Return log-likelihoods (N, classes) but for what all classes share."""
        scores: Floats = features @ self._weights + self._bias
        return scores
