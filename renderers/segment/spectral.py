"""The global view: regions that many faint paths connect belong together, though they may differ where they touch."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_matrix

from underpaint.renderers.segment.graph import RegionGraph, histogram_distances
from underpaint.renderers.segment.merging import BOUNDARY_WEIGHT
from underpaint.renderers.strokes.tiles import Float32

# Eigenvectors used, as in gPb; and the difference of neighbours at which their affinity falls to 1/e.
_VECTORS = 16
_SCALE = 0.55
# Neighbours of neighbours count half.
_SECOND_RING = 0.5


def spectral_distances(graph: RegionGraph) -> Float32:
    """Return the distance of neighbouring regions in the space of normalised cuts (Shi & Malik 2000).

    The eigenvectors of the graph's normalised Laplacian, each divided by the root of its eigenvalue, as the spectral
    part of gPb does (Arbeláez et al., PAMI 2011, eq. 12), but on regions instead of pixels.

    Returns:
        float32 (R, R), 0 where regions do not touch; on average about 10.
    """
    touching = graph.lengths_RR > 0
    unlike = histogram_distances(graph)[touching]
    unlike += BOUNDARY_WEIGHT * graph.strengths_RR[touching] / graph.lengths_RR[touching]
    first = csr_matrix((np.exp(-unlike.astype(np.float64) / _SCALE), np.nonzero(touching)), touching.shape)
    affinity = (first + _SECOND_RING * (first @ first)).toarray()
    np.fill_diagonal(affinity, 0.0)
    scale = 1 / np.sqrt(affinity.sum(axis=1))
    last = len(graph) - 1
    values, vectors = eigh(
        affinity * scale[:, None] * scale, subset_by_index=(max(0, last - _VECTORS), last - 1), overwrite_a=True
    )
    vectors *= scale[:, None]
    shares = graph.areas_R / graph.areas_R.sum()
    vectors /= np.sqrt((vectors**2 * shares[:, None]).sum(axis=0) * np.maximum(1 - values, 1e-3))
    squares = (vectors**2).sum(axis=1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares - 2 * vectors @ vectors.T, 0))
    # Rounded, so that the last bits, which depend on the number of threads of LAPACK, decide no merge.
    return np.where(touching, np.round(distance, 3), 0).astype(np.float32)
