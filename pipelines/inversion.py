"""From clean latents back to the noise that is sampled to them (DDIM inversion)."""

from __future__ import annotations

import torch
from diffusers import DDIMScheduler
from torch import Tensor

from underpaint.models.noise import sample_and_noise
from underpaint.pipelines.sampling import Predictor, StepCallback

# Passes of the step to the clean picture, for each pass of another step: it takes some twenty to settle.
_FIRST = 10


def rounds_of_steps(steps: int, rounds: int, *, noised: bool) -> list[int]:
    """Return passes of the network in each step of `invert`, from the clean picture on; plain DDIM has one in each.

    Args:
        steps: of sampling.
        rounds: passes of every other step.
        noised: whether the picture is noised to the first timestep in place of the first step.
    """
    first = 0 if noised else rounds if rounds == 1 else _FIRST * rounds
    return [first, *[rounds] * (steps - 1)]


@torch.no_grad()
def invert(
    predict: Predictor,
    scheduler: DDIMScheduler,
    latents: Tensor,
    steps: int,
    callback: StepCallback,
    *,
    rounds: int,
    drawn: Tensor | None = None,
) -> Tensor:
    """Find noise from which `sample` with the same network, schedule and steps comes to the given latents.

    Each step of sampling, y = step(x), is undone by solving it for x. Plain DDIM inversion (Song et al. 2021, 4.3)
    takes the network's output at y for that at x and stops there; a fixed-point iteration puts its error right
    (Pan et al. 2023, AIDI): x += y - step(x), beginning with what the last step's output predicts for x.

    The step to the clean picture is another matter. Where it ends on the network's own prediction, as under zero
    terminal SNR, a picture that the network wouldn't paint to the pixel has no noise that leads to it, and what comes
    nearest is much larger than noise is. So that step can be left out: the picture is noised with random noise to the
    first timestep, as in training (Staniszewski et al. 2024, There and Back Again), and inverted from there.

    diffusers' DDIMInverseScheduler is no help: there, too, it divides by zero if the network predicts the picture.

    Args:
        predict: the network; without guidance, or the iteration may run away.
        scheduler: of the schedule that it was trained with.
        latents: (B, C, F, h, w), clean, float32.
        steps: as many as will be sampled.
        callback: called after each pass of the network.
        rounds: passes of each step but the first, see `rounds_of_steps`; 1 is plain DDIM inversion.
        drawn: noise for the first timestep, in the shape of the latents; without it the clean picture is inverted.

    Returns:
        Noise in the shape of the latents.
    """
    scheduler.set_timesteps(steps, device=latents.device)
    alphas = scheduler.alphas_cumprod.to(latents.device)
    kind, stride = scheduler.config.prediction_type, scheduler.config.num_train_timesteps // steps
    reached, clean = latents, latents
    noise = torch.zeros_like(latents) if drawn is None else drawn
    passes = rounds_of_steps(steps, rounds, noised=drawn is not None)
    for step, times in zip(reversed(range(steps)), passes, strict=True):
        timestep = scheduler.timesteps[step]
        before = int(timestep) - stride
        end = alphas[before] if before >= 0 else scheduler.final_alpha_cumprod.to(latents.device)
        start = alphas[timestep]
        noisy = start.sqrt() * clean + (1 - start).sqrt() * noise
        for _ in range(times):
            output = predict(noisy, timestep, step)
            clean, noise = sample_and_noise(kind, alphas, output, noisy, timestep.expand(len(noisy)))
            noisy = noisy + reached - (end.sqrt() * clean + (1 - end).sqrt() * noise)
            callback(None)
        reached = noisy
    return reached
