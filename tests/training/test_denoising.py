from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers.models.attention_processor import Attention, AttnProcessor, AttnProcessor2_0

from tests.training.conftest import Configure
from tests.training.runs import motion_config
from underpaint.models import load_base
from underpaint.models.attention import SplitAttnProcessor
from underpaint.models.captions import tokens_of
from underpaint.models.latents import encode
from underpaint.training.augment import to_float
from underpaint.training.batch import Batch
from underpaint.training.config import MixedPrecision, TrainConfig
from underpaint.training.denoising import Denoiser, DenoisingPhase
from underpaint.training.loader import Data
from underpaint.training.phase import COMPUTED_IN
from underpaint.training.rng import BatchRng, training_rng
from underpaint.training.stages.motion import MotionPhase


@pytest.fixture(scope="module")
def phase(thin: Path, configure: Configure) -> MotionPhase:
    base = load_base(thin)
    return MotionPhase(motion_config(configure(), thin, Path("run")), base, base.noise)


@pytest.fixture(scope="module")
def batch(configure: Configure) -> Batch:
    return next(iter(Data(configure()).train_batches(batch=4)))


@torch.no_grad()
def test_errors_don_t_depend_on_how_samples_are_put_together(phase: MotionPhase, configure: Configure) -> None:
    data = Data(configure())
    whole = next(iter(data.train_batches(batch=4)))
    halves = [next(iter(data.train_batches(batch=2, rank=rank, world=2))) for rank in range(2)]
    errors = [
        phase.errors(phase.model, part, training_rng(0, "motion", part.positions), 0.5) for part in (whole, *halves)
    ]
    assert torch.allclose(errors[0].error, torch.cat([errors[1].error, errors[2].error]), atol=1e-5)
    assert torch.equal(errors[0].timestep, torch.cat([errors[1].timestep, errors[2].timestep]))


@torch.no_grad()
def test_repeating_the_mean_frame_is_what_a_still_picture_scores(phase: MotionPhase, batch: Batch) -> None:
    still = replace(batch, frames=batch.frames[:, :1].expand(-1, 4, -1, -1, -1))
    rng = training_rng(0, "motion", batch.positions)
    moving, at_rest = (phase.errors(phase.model, one, rng, None).repeated for one in (batch, still))
    assert moving is not None
    assert at_rest is not None
    assert at_rest.max() < 1e-6 < moving.min()


@torch.no_grad()
def test_min_snr_weighs_the_loss_not_the_error(phase: MotionPhase, batch: Batch) -> None:
    rng = BatchRng(times=(0.1, 0.3, 0.6, 0.9), seeds=(1, 2, 3, 4))
    plain = phase.errors(phase.model, batch, rng, None)
    weighted_config: TrainConfig = replace(phase.config, min_snr_gamma=5.0)
    own, phase.config = phase.config, weighted_config
    try:
        weighted = phase.errors(phase.model, batch, rng, None)
    finally:
        phase.config = own
    assert torch.equal(plain.error, weighted.error)
    assert not torch.isclose(plain.loss, weighted.loss)


def test_a_sheet_has_two_rows_for_each_process(phase: MotionPhase, batch: Batch) -> None:
    assert phase.sheet(batch).size == (4 * 48, 8 * 48)


@torch.no_grad()
def test_latents_and_text_states_do_as_well_as_frames_and_captions(phase: MotionPhase, batch: Batch) -> None:
    latents = encode(phase.base.vae, to_float(batch.frames))
    states = phase.base.text_encoder(tokens_of(phase.base.tokenizer, batch.captions))[0]
    cached = replace(batch, frames=latents.half(), text=states.half())
    rng = training_rng(0, "motion", batch.positions)
    one, two = (phase.errors(phase.model, given, rng, None) for given in (batch, cached))
    assert torch.allclose(one.error, two.error, rtol=1e-3)
    # Latents are as they are to be: nothing is drawn for them any more.
    assert torch.equal(two.error, phase.errors(phase.model, cached, rng, 0.5).error)
    assert phase.sheet(cached).size == phase.sheet(batch).size


def test_single_pictures_go_through_an_image_unet(thin: Path, configure: Configure) -> None:
    base, data = load_base(thin), configure(frames=1)
    config = motion_config(data, thin, Path("run"), gradient_checkpointing=True)
    denoiser = Denoiser(base.unet, base.text_encoder)
    found = _Pictures(config, data, base, base.noise, denoiser)
    batch = next(iter(Data(data).train_batches(batch=2)))
    errors = found.errors(found.model, batch, training_rng(0, "base", batch.positions), 0.0)
    errors.loss.backward()
    assert errors.error.shape == (2,)
    assert errors.repeated is None
    assert found.sheet(batch).size == (2 * 48, 2 * 48)


class _Pictures(DenoisingPhase):
    def save(self, folder: Path) -> None:
        raise NotImplementedError


@pytest.mark.skipif(torch.cuda.is_available(), reason="on a GPU fused attention is the fastest")
def test_plain_attention_in_16_bits_on_cpus(configure: Configure, thin: Path, batch: Batch) -> None:
    base = load_base(thin)
    full, half = (
        MotionPhase(replace(motion_config(configure(), thin, Path("run")), mixed_precision=precision), base, base.noise)
        for precision in ("no", "bf16")
    )
    kinds = [
        {type(part.processor) for part in one.model.modules() if isinstance(part, Attention)} for one in (full, half)
    ]
    assert kinds == [{AttnProcessor2_0, SplitAttnProcessor}, {AttnProcessor}]
    rng = training_rng(0, "motion", batch.positions)
    with torch.no_grad():
        errors = [one.errors(one.model, batch, rng, None).error for one in (full, half)]
    assert torch.allclose(*errors, rtol=1e-4)


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_frozen_weights_in_16_bits_compute_the_same(
    configure: Configure, thin: Path, batch: Batch, precision: MixedPrecision
) -> None:
    base = load_base(thin)
    config = replace(motion_config(configure(), thin, Path("run")), mixed_precision=precision)
    phase = MotionPhase(config, base, base.noise)
    rng = training_rng(0, "motion", batch.positions)
    found = []
    for _ in range(2):
        with torch.autocast("cpu", COMPUTED_IN[precision]), torch.no_grad():
            found.append(phase.errors(phase.model, batch, rng, 0.5).error)
        phase.cast_frozen()
    assert torch.equal(*found)
    types = {value.requires_grad: value.dtype for value in phase.model.parameters() if value.ndim == 4}
    assert types == {False: COMPUTED_IN[precision]}
    assert {value.dtype for value in phase.model.parameters() if value.requires_grad} == {torch.float32}


def test_checkpointed_gradients_are_the_same(configure: Configure, thin: Path, batch: Batch) -> None:
    gradients = []
    for checkpointing in (False, True):
        base = load_base(thin)
        config = motion_config(configure(), thin, Path("run"), gradient_checkpointing=checkpointing)
        phase = MotionPhase(config, base, base.noise)
        loss = phase.errors(phase.model, batch, training_rng(0, "motion", batch.positions), 0.5).loss
        loss.backward()
        gradients.append([value.grad for value in phase.model.parameters() if value.requires_grad])
    assert all(torch.equal(one, two) for one, two in zip(*gradients, strict=True))


def test_own_prompts_have_a_row_each(configure: Configure, thin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("underpaint.training.denoising._SAMPLING_STEPS", 2)
    base = load_base(thin)
    config = motion_config(configure(), thin, Path("run"), sample_prompts=["a boot", "a cat"])
    phase = MotionPhase(config, base, base.noise)
    sheet = phase.prompt_sheet()
    assert sheet is not None
    assert sheet.size == (4 * 48, 2 * 48)
    assert sheet.tobytes() == phase.prompt_sheet().tobytes()
    phase.config = replace(config, sample_guidance_scale=1.0)
    assert sheet.tobytes() != phase.prompt_sheet().tobytes()
