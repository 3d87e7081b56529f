"""Whether captions are listened to: which of several helps to take the noise out of an unseen process."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch

from underpaint.experiments.findings import Estimate, Finding, estimate_share, shown
from underpaint.experiments.trials.context import TrialContext
from underpaint.experiments.trials.unseen import UnseenProcess, apart
from underpaint.models.noise import add_noise, squared_error, target_of
from underpaint.pipelines.sampling import SeededNoise

# The noisiest levels, where a caption can say what can't be seen.
LEVELS = (0.7, 0.8, 0.9, 0.99)
_OTHERS = 4  # pictures whose captions each is compared with
_MEDIA = 2  # other media, likewise


@dataclasses.dataclass(frozen=True, kw_only=True)
class Listening:
    """Shares of pairs in which the right words did better; chance is a half.

    Attributes:
        medium: the process's own medium against another, the caption otherwise the same; None where captions name none.
        picture: the caption of its own picture against another's, after the same medium; None where all are alike.
    """

    medium: Estimate | None
    picture: Estimate | None


@torch.no_grad()
def listen(context: TrialContext) -> dict[str, Listening]:
    """By medium, and `all` of them; scenes and other pictures apart, too, if there are both.

    Standard errors are over processes.
    """
    chosen = {medium: processes[: context.config.noisy] for medium, processes in context.processes.items()}
    everything = [each for processes in chosen.values() for each in processes]
    media = list(chosen) if context.config.name_medium else []
    found = [
        (each, _shares(context, each, _following(media, medium, place), other_captions(everything, each), seed=place))
        for medium, processes in chosen.items()
        for place, each in enumerate(processes)
    ]
    groups = {medium: [shares for each, shares in found if each.medium == medium] for medium in chosen}
    groups |= {
        name: [shares for _, shares in pairs] for name, pairs in apart(found, lambda pair: pair[0].scene).items()
    }
    groups["all"] = [shares for _, shares in found]
    return {name: _listening(shares) for name, shares in groups.items()}


def _following(media: list[str], own: str, place: int) -> list[str]:
    """Some of the other media, all by turns."""
    others = [other for other in media if other != own]
    return [others[(place + turn) % len(others)] for turn in range(min(_MEDIA, len(others)))]


def other_captions(processes: Sequence[UnseenProcess], own: UnseenProcess) -> list[str]:
    """Return captions of pictures of the same kind (scenes or not) that follow, but for those that are the same.

    Args:
        processes: in any media.
        own: one of them.
    """
    place = processes.index(own)
    following = [each for each in (*processes[place + 1 :], *processes[:place]) if each.scene == own.scene]
    captions = dict.fromkeys(each.caption for each in following if each.caption != own.caption)
    return list(captions)[:_OTHERS]


def _shares(
    context: TrialContext, process: UnseenProcess, media: list[str], captions: list[str], *, seed: int
) -> tuple[float | None, float | None]:
    """Of the other media, and of the other captions, the share that does worse than the process's own."""
    prompts = [context.prompt(process.medium, process.caption)]
    prompts += [context.prompt(medium, process.caption) for medium in media]
    prompts += [context.prompt(process.medium, caption) for caption in captions]
    own, *errors = errors_under(context, process, prompts, seed=1000 * context.config.seed + seed)
    worse = [error > own for error in errors]
    return _share(worse[: len(media)]), _share(worse[len(media) :])


@torch.no_grad()
def errors_under(context: TrialContext, process: UnseenProcess, prompts: list[str], *, seed: int) -> list[float]:
    """Error of the network on a noisy process under each prompt, with the same noise; the mean over the levels."""
    pipeline, latents = context.pipeline, context.latents(process)
    noise, device, count = pipeline.parts.noise, latents.device, len(prompts)
    alphas, predict = noise.alphas_cumprod(), context.predictor(pipeline.networks.states(prompts))
    errors = np.zeros(count)
    for turn, share in enumerate(LEVELS):
        level = torch.tensor([int(share * noise.steps)])
        drawn = SeededNoise([seed * len(LEVELS) + turn]).draw(*latents.shape[1:]).to(device)
        noisy = add_noise(alphas, latents, drawn, level)
        target = target_of(noise.prediction, alphas, latents, drawn, level)
        output = predict(noisy.expand(count, *noisy.shape[1:]), level[0], 0)
        errors += squared_error(output, target.expand_as(output)).cpu().numpy() / len(LEVELS)
    return [float(error) for error in errors]


def _share(worse: list[bool]) -> float | None:
    return float(np.mean(worse)) if worse else None


def _listening(pairs: list[tuple[float | None, float | None]]) -> Listening:
    media, pictures = ([value for value in column if value is not None] for column in zip(*pairs, strict=True))
    return Listening(medium=estimate_share(media), picture=estimate_share(pictures))


def captions_trial(context: TrialContext) -> Finding:
    """How often the right words help."""
    found = listen(context)
    table = [["processes in", "count", "own medium named", "own picture's caption"]]
    for medium, result in found.items():
        count = max((value.count for value in (result.medium, result.picture) if value), default=0)
        table.append([medium, str(count), shown(result.medium, ".0%"), shown(result.picture, ".0%")])
    words = (
        "Unseen processes are noised, at the four levels where least is left of them, and the network is asked for the "
        "frames. How often its error is smaller with the right words than with others: another medium's name before "
        "the same caption, or another picture's caption after the same medium. Chance is 50 %; for media this holds of "
        "all together, as a network may have a word that it does best with, whatever it sees. ± is the standard error."
    )
    figures = {medium: dataclasses.asdict(result) for medium, result in found.items()}
    return Finding(title="Do captions matter?", words=words, table=table, figures=figures)
