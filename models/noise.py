"""How noise is added and what the network predicts: one schedule for training, inversion and sampling."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from diffusers import DDIMScheduler
from torch import Tensor

from underpaint.models.schedule_names import BETA_SCHEDULES, PREDICTIONS

_STEPS_MAX = 1_000_000  # what a damaged config asks for would fill the memory


@dataclasses.dataclass(frozen=True, kw_only=True)
class NoiseSchedule:
    """What training, inversion and sampling must agree on.

    Attributes:
        beta_schedule: `linear` (AnimateDiff's motion modules), `scaled_linear` (Stable Diffusion) or
            `squaredcos_cap_v2` (cosine, Nichol & Dhariwal 2021).
        beta_start: variance added by the first step.
        beta_end: variance added by the last step.
        steps: number of timesteps, diffusers' num_train_timesteps.
        prediction: what the network's output means: `epsilon`, `v_prediction` or `sample`, as diffusers calls them.
        zero_terminal_snr: rescale the betas so that the last timestep is noise alone (Lin et al. 2024).
    """

    # AnimateDiff trains and samples with linear betas on Stable Diffusion's scaled_linear base: its authors found less
    # flicker and fuller colours. The two ends are Stable Diffusion's.
    beta_schedule: str = "linear"
    beta_start: float = 0.00085
    beta_end: float = 0.012
    steps: int = 1000
    prediction: str = "epsilon"
    zero_terminal_snr: bool = False

    def __post_init__(self) -> None:
        """Refuse what has no meaning."""
        if self.beta_schedule not in BETA_SCHEDULES:
            raise ValueError(
                f"beta_schedule {self.beta_schedule!r} is unknown; it is one of {', '.join(BETA_SCHEDULES)}"
            )
        if self.prediction not in PREDICTIONS:
            raise ValueError(f"prediction {self.prediction!r} is unknown; it is one of {', '.join(PREDICTIONS)}")
        for name, number in (("beta_start", self.beta_start), ("beta_end", self.beta_end)):
            if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 < number < 1:
                raise ValueError(f"{name} {number!r} is no variance: use a number between 0 and 1")
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or not 1 <= self.steps <= _STEPS_MAX:
            raise ValueError(f"steps {self.steps!r} is no number of timesteps: use 1 to {_STEPS_MAX}")
        if self.zero_terminal_snr and self.prediction == "epsilon":
            raise ValueError(
                "zero_terminal_snr with prediction 'epsilon' can't be sampled: at the last timestep the noise says "
                "nothing of the picture; use prediction 'v_prediction' or 'sample'"
            )

    def scheduler(self) -> DDIMScheduler:
        """The sampler of this schedule; its `config` makes DDIMInverseScheduler and every other one of diffusers."""
        return DDIMScheduler(
            num_train_timesteps=self.steps,
            beta_schedule=self.beta_schedule,
            beta_start=self.beta_start,
            beta_end=self.beta_end,
            prediction_type=self.prediction,
            rescale_betas_zero_snr=self.zero_terminal_snr,
            # Sampling has to start at the last timestep when that one alone is pure noise (Lin et al. 2024, 3.3).
            timestep_spacing="trailing" if self.zero_terminal_snr else "leading",
            # The last step then ends on the picture itself; Stable Diffusion's ends on timestep 0, where 3 % is noise.
            set_alpha_to_one=self.zero_terminal_snr,
            # StableDiffusionPipeline rewrites a scheduler that says otherwise.
            steps_offset=1,
            clip_sample=False,
        )

    def alphas_cumprod(self) -> Tensor:
        """The share of the picture's variance at every timestep, float32 (steps,), falling."""
        alphas_T: Tensor = self.scheduler().alphas_cumprod
        return alphas_T

    def describe(self) -> str:
        """The schedule in a few words, for messages."""
        zero = ", zero terminal SNR" if self.zero_terminal_snr else ""
        return f"{self.beta_schedule} {self.beta_start:g}..{self.beta_end:g} in {self.steps} steps{zero}"


def schedule_of(config: Mapping[str, Any]) -> NoiseSchedule:
    """The schedule that a diffusers scheduler's config describes, whichever scheduler it is.

    Raises:
        ValueError: betas given one by one (`trained_betas`), or a schedule that is not one of BETA_SCHEDULES.
    """
    if config.get("trained_betas") is not None:
        raise ValueError("a scheduler with trained_betas is not supported; use one with a beta_schedule")
    # diffusers' own defaults stand in where an old config leaves a key out.
    return NoiseSchedule(
        beta_schedule=config.get("beta_schedule", "linear"),
        beta_start=config.get("beta_start", 0.0001),
        beta_end=config.get("beta_end", 0.02),
        steps=config.get("num_train_timesteps", 1000),
        prediction=config.get("prediction_type", "epsilon"),
        zero_terminal_snr=bool(config.get("rescale_betas_zero_snr", False)),
    )


def _amounts(alphas_T: Tensor, timesteps_B: Tensor, like: Tensor) -> tuple[Tensor, Tensor]:
    """How much of the picture and of the noise there is at the given timesteps, shaped to multiply `like`."""
    alpha = alphas_T.to(like.device)[timesteps_B].view(-1, *[1] * (like.ndim - 1))
    return alpha.sqrt().to(like.dtype), (1 - alpha).sqrt().to(like.dtype)


def add_noise(alphas_T: Tensor, sample: Tensor, noise: Tensor, timesteps_B: Tensor) -> Tensor:
    """Noise clean latents (B, ...) to timesteps int64 (B,) (Ho et al. 2020, eq. 4).

    x_t = sqrt(a) x_0 + sqrt(1 - a) noise.

    `alphas_T` is `NoiseSchedule.alphas_cumprod()`, here and below.
    """
    signal, sigma = _amounts(alphas_T, timesteps_B, sample)
    return signal * sample + sigma * noise


def target_of(prediction: str, alphas_T: Tensor, sample: Tensor, noise: Tensor, timesteps_B: Tensor) -> Tensor:
    """What the network should have put out, (B, ...); v = sqrt(a) noise - sqrt(1 - a) x_0 (Salimans & Ho 2022)."""
    if prediction == "epsilon":
        return noise
    if prediction == "sample":
        return sample
    assert prediction == "v_prediction", prediction
    signal, sigma = _amounts(alphas_T, timesteps_B, sample)
    return signal * noise - sigma * sample


def sample_and_noise(
    prediction: str, alphas_T: Tensor, output: Tensor, noisy: Tensor, timesteps_B: Tensor
) -> tuple[Tensor, Tensor]:
    """The clean latents and the noise that an output (B, ...) implies (Salimans & Ho 2022, appendix D).

    Where the signal is nil the sample can't come from epsilon, nor the noise from the sample where there is none;
    a valid schedule has the first nowhere and the second nowhere either, as timestep 0 is noisy too.
    """
    signal, sigma = _amounts(alphas_T, timesteps_B, noisy)
    if prediction == "epsilon":
        return (noisy - sigma * output) / signal, output
    if prediction == "sample":
        return output, (noisy - signal * output) / sigma
    assert prediction == "v_prediction", prediction
    return signal * noisy - sigma * output, signal * output + sigma * noisy


def signal_to_noise(alphas_T: Tensor, timesteps_B: Tensor) -> Tensor:
    """Signal-to-noise ratio a / (1 - a) at timesteps int64 (B,), float32 (B,)."""
    alphas = alphas_T.to(timesteps_B.device)[timesteps_B].float()
    return alphas / (1 - alphas)


def min_snr_weights(prediction: str, alphas_T: Tensor, timesteps_B: Tensor, gamma: float = 5.0) -> Tensor:
    """Weights of the squared error by timestep, float32 (B,) (min-SNR-gamma, Hang et al. 2023, eq. 4-8).

    min(SNR, gamma) on the sample; the same divided by SNR on epsilon and by SNR + 1 on v, which measures the same
    error. Under zero terminal SNR it is min(SNR + 1, gamma), with the weight that v itself has (Salimans & Ho 2022):
    else the timestep without signal, which sampling starts with, would weigh nothing.

    Args:
        prediction: one of PREDICTIONS.
        alphas_T: float32 (T,).
        timesteps_B: int64 (B,).
        gamma: where the weight stops growing; 5 is the paper's.
    """
    ratio = signal_to_noise(alphas_T, timesteps_B)
    clipped = (ratio + (alphas_T[-1] == 0).float().to(ratio.device)).clamp(max=gamma)
    if prediction == "sample":
        return clipped
    if prediction == "epsilon":
        return clipped / ratio
    assert prediction == "v_prediction", prediction
    return clipped / (ratio + 1)


def squared_error(output: Tensor, target: Tensor) -> Tensor:
    """Mean squared error of each sample of a batch, float32 (B,), whatever precision the network ran in."""
    return (output.float() - target.float()).square().flatten(1).mean(1)
