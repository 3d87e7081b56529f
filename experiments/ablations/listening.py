"""How a base by itself listens to captions: by finished pictures that it never saw."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from underpaint.experiments.ablations.figures import Figures
from underpaint.experiments.trials.captions import errors_under, other_captions
from underpaint.experiments.trials.config import TrialsConfig
from underpaint.experiments.trials.context import TrialContext
from underpaint.experiments.trials.unseen import UnseenProcess, unseen_processes
from underpaint.models import load_base, new_motion_adapter, with_motion
from underpaint.models.base import own_size
from underpaint.pipelines.loras import Lora
from underpaint.pipelines.parts import Parts
from underpaint.pipelines.pipeline import ProcessPipeline
from underpaint.pipelines.settings import ComputeConfig
from underpaint.runs import result_of
from underpaint.training.data_config import DataConfig

_PICTURES = 32  # of each medium


@dataclass(frozen=True)
class BaseContext(TrialContext):
    """A base and single finished pictures. Its motion module is as it begins, when it changes nothing."""

    def load(self, loras: Sequence[Lora] = ()) -> ProcessPipeline:
        """The base that the config's `models` names.

        Raises:
            ValueError: a run that isn't finished.
        """
        assert not loras, "a base alone has none"
        name = result_of(self.config.models, "base")
        base = load_base(name)
        parts = Parts(
            vae=base.vae,
            tokenizer=base.tokenizer,
            text_encoder=base.text_encoder,
            unet=with_motion(base.unet, new_motion_adapter(base.unet), share=True),
            network=None,
            noise=base.noise,
            window=1,
            size=own_size(base),
            media=(),
            words={},
            described={"base": {"name": name}},
        )
        return ProcessPipeline(parts, ComputeConfig(device=self.config.device, precision="fp32"))

    @cached_property
    def processes(self) -> dict[str, list[UnseenProcess]]:
        """The last frames of those of the corpus by medium."""
        config = self.config
        found = unseen_processes(config.corpus, config.validation, 2, self.pipeline.parts.size, config.noisy)
        return {
            medium: [dataclasses.replace(each, frames=each.frames[-1:]) for each in processes]
            for medium, processes in found.items()
        }


def listening(base: Path, data: DataConfig) -> Figures:
    """Measure how often a picture's own caption helps more than another's, and how much.

    Args:
        base: run of a base, or its folder.
        data: a corpus, whose pictures that were held out are looked at.

    Returns:
        `own_better`, the share of pairs in which the error is smaller with the own caption, and `larger`, how many
        times as large the mean error is with another's; see `experiments.trials.captions`. Both are nan where all
        captions are alike.
    """
    corpus = data.corpus[0]
    config = TrialsConfig(
        models=base,
        corpus=Path(corpus),
        source=corpus,
        validation=data.validation,
        name_medium=data.name_medium,
        noisy=_PICTURES,
        device="cpu",
    )
    pairs = _pairs(BaseContext(config))
    if not pairs:
        return {"own_better": math.nan, "larger": math.nan}
    return {
        "own_better": sum(other > own for own, other in pairs) / len(pairs),
        "larger": sum(other for _, other in pairs) / sum(own for own, _ in pairs),
    }


def _pairs(context: TrialContext) -> list[tuple[float, float]]:
    """Errors on a picture with its own caption and with another's, in the same medium and with the same noise."""
    processes = [each for found in context.processes.values() for each in found]
    pairs = []
    for place, process in enumerate(processes):
        compared = [process.caption, *other_captions(processes, process)]
        prompts = [context.prompt(process.medium, caption) for caption in compared]
        own, *others = errors_under(context, process, prompts, seed=place)
        pairs += [(own, other) for other in others]
    return pairs
