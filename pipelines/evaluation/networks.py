"""The networks behind learned measures: those whose weights were given, and a line about each of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from underpaint.extras import needing
from underpaint.hub import check_source
from underpaint.pipelines.evaluation.config import EvaluateConfig

if TYPE_CHECKING:
    from underpaint.pipelines.evaluation.embeddings import Embedder
    from underpaint.pipelines.evaluation.frechet import Inception
    from underpaint.pipelines.evaluation.lpips import Lpips


@dataclass(frozen=True, kw_only=True)
class MeasureNetworks:
    """What was loaded; None is what has no weights, and so no column."""

    lpips: Lpips | None = None
    clip: Embedder | None = None
    dino: Embedder | None = None
    inception: Inception | None = None


def load_networks(config: EvaluateConfig) -> tuple[MeasureNetworks, list[str]]:
    """Load what the config names; torch is imported only for that.

    Returns:
        The networks, and a line for each measure that is left out.

    Raises:
        ValueError: weights that can't be used, or an install without torch.
    """
    wanted = {"LPIPS": config.lpips, "CLIP": config.clip, "DINO": config.dino, "FID": config.fid}
    options = {"LPIPS": "--lpips and --lpips-backbone", "CLIP": "--clip", "DINO": "--dino", "FID": "--fid"}
    notes = [f"no {name}: its weights come with {options[name]}" for name, given in wanted.items() if given is None]
    if len(notes) == len(wanted):
        return MeasureNetworks(), notes
    for option, model in (("clip", config.clip), ("dino", config.dino)):
        if model is not None:
            check_source(option, model, "a folder that transformers saved, or a hub id as owner/model", files=False)
    with needing("a learned measure", "eval"):
        return _loaded(config), notes


def _loaded(config: EvaluateConfig) -> MeasureNetworks:
    from underpaint.pipelines.evaluation.embeddings import CLIP, DINO, Embedder
    from underpaint.pipelines.evaluation.frechet import Inception
    from underpaint.pipelines.evaluation.lpips import Lpips
    from underpaint.pipelines.evaluation.weights import on

    device = on(config.device)
    lpips = None
    if config.lpips is not None:
        assert config.lpips_backbone is not None
        lpips = Lpips(config.lpips, config.lpips_backbone, device)
    return MeasureNetworks(
        lpips=lpips,
        clip=None if config.clip is None else Embedder(config.clip, CLIP, device),
        dino=None if config.dino is None else Embedder(config.dino, DINO, device),
        inception=None if config.fid is None else Inception(config.fid, device),
    )
