"""The weights of the cues, fitted by `python -m benchmarks.saliency_weights`."""

from __future__ import annotations

# Above 0: speaks for the object.
WEIGHTS = {
    "background": -1.279,
    "cost": 0.556,
    "path": -1.187,
    "centre": 1.468,
    "down": 1.286,
    "unlike all": -2.941,
    "unlike border": 3.273,
    "least unlike border": 1.219,
    "unlike nearby": 0.923,
    "grain": 1.390,
    "light": -0.714,
    "red": 3.246,
    "chroma": -2.432,
    "border of coarse region": -0.341,
    "fence of coarse region": 5.018,
    "unlikeness of coarse region": -1.944,
    "off centre of coarse region": -2.527,
    "cost of coarse region": 0.515,
    "grain of coarse region": 1.811,
    "across of coarse region": 0.107,
    "border of fine region": -0.270,
    "fence of fine region": 2.796,
    "unlikeness of fine region": 0.510,
    "off centre of fine region": -0.009,
    "cost of fine region": 0.629,
    "grain of fine region": -1.604,
    "across of fine region": -2.592,
}
CONSTANT = -2.591
