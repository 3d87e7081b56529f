"""Names of noise schedules and of what networks predict, as diffusers has them; without torch, for settings."""

from __future__ import annotations

BETA_SCHEDULES = ("linear", "scaled_linear", "squaredcos_cap_v2")
PREDICTIONS = ("epsilon", "v_prediction", "sample")
