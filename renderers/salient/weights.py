"""The weights of the cues, fitted by `python -m benchmarks.saliency_weights`."""

from __future__ import annotations

# Above 0: speaks for the object.
WEIGHTS = {
    "background": -1.270,
    "cost": 0.450,
    "path": -1.154,
    "centre": 1.551,
    "down": 1.270,
    "unlike all": -3.005,
    "unlike border": 3.291,
    "least unlike border": 1.286,
    "unlike nearby": 1.243,
    "grain": 1.357,
    "light": -0.764,
    "red": 3.110,
    "chroma": -2.491,
    "border of coarse region": -0.333,
    "fence of coarse region": 5.013,
    "unlikeness of coarse region": -1.822,
    "off centre of coarse region": -2.822,
    "cost of coarse region": 0.275,
    "grain of coarse region": 1.922,
    "border of fine region": -0.342,
    "fence of fine region": 2.463,
    "unlikeness of fine region": 0.413,
    "off centre of fine region": 0.571,
    "cost of fine region": 0.845,
    "grain of fine region": -1.623,
}
CONSTANT = -2.774
