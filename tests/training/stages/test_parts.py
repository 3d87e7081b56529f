from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tests.models.thin import thin_unet
from tests.training.conftest import Configure
from tests.training.runs import motion_config, replication_config
from underpaint.models import NoiseSchedule, Record, fingerprint, load_base, new_motion_adapter, save_motion_adapter
from underpaint.models.weights import digests
from underpaint.pipelines.medium import named_media
from underpaint.training.stages.parts import check_prediction, check_sequences, find_base, find_motion, new_record


@pytest.fixture(scope="module")
def motion(thin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained motion module for the thin base, for up to 5 frames."""
    base = load_base(thin)
    folder = tmp_path_factory.mktemp("motion")
    record = Record(kind="motion", stage="motion", base=fingerprint(base.unet), noise=base.noise, frames=4, size=48)
    save_motion_adapter(folder, new_motion_adapter(base.unet, frames_max=5), record)
    return folder


def find(thin: Path, motion: Path, configure: Configure, frames: int = 4, **changes: Any) -> NoiseSchedule:
    config = replication_config(configure(frames=frames), thin, Path("run"), motion, **changes)
    return find_motion(config, find_base(config), str(motion))[1]


def test_a_motion_module_brings_its_schedule(thin: Path, motion: Path, configure: Configure) -> None:
    assert find(thin, motion, configure) == load_base(thin).noise


def test_another_beta_schedule_is_refused(thin: Path, motion: Path, configure: Configure) -> None:
    with pytest.raises(ValueError, match=r"trained with the beta schedule scaled_linear .* the one in use is linear"):
        find(thin, motion, configure, beta_schedule="linear")


def test_another_prediction_is_refused(thin: Path, motion: Path, configure: Configure) -> None:
    with pytest.raises(ValueError, match="trained with prediction 'sample', the one in use is 'v_prediction'"):
        find(thin, motion, configure, prediction="v_prediction")


def test_a_prediction_unlike_the_base_s_is_refused(thin: Path) -> None:
    with pytest.raises(ValueError, match=r"prediction is 'v_prediction', base .* predicts 'sample'"):
        check_prediction(load_base(thin), NoiseSchedule(prediction="v_prediction"))


def test_another_base_s_is_told(thin: Path, motion: Path, configure: Configure, caplog: Any) -> None:
    caplog.set_level("INFO")
    config = replication_config(configure(), thin, Path("run"), motion)
    base = dataclasses.replace(load_base(thin), unet=thin_unet(12, seed=2))
    assert find_motion(config, base, str(motion))[0].config.motion_max_seq_length == 5
    assert "is another of its kind" in caplog.messages[-1]


def test_a_base_has_another_autoencoder_if_one_is_named(original: Path, configure: Configure) -> None:
    config = motion_config(configure(size=64), original / "folder", Path("run"), vae=str(original / "vae.safetensors"))
    assert digests(find_base(config).vae) == digests(load_base(original / "folder").vae)


def test_more_frames_than_it_takes_are_refused(thin: Path, motion: Path, configure: Configure) -> None:
    with pytest.raises(ValueError, match="6 frames are more than the 5"):
        find(thin, motion, configure, frames=6)


def test_a_size_that_the_unet_can_t_have_is_refused(thin: Path, configure: Configure) -> None:
    with pytest.raises(ValueError, match=r"size 44 doesn't fit base .* multiples of 8"):
        find_base(motion_config(configure(size=44), thin, Path("run")))


@pytest.mark.parametrize(
    ("data", "media"),
    [
        ({}, ()),
        ({"name_medium": True}, ("bezier",)),
        ({"name_medium": True, "renderer": ["oil", "ink"]}, ("oil", "ink")),
    ],
)
def test_prompts_can_name_the_media_that_were_learned(
    thin: Path, configure: Configure, data: dict[str, Any], media: tuple[str, ...]
) -> None:
    base, config = load_base(thin), motion_config(configure(**data), thin, Path("run"))
    assert named_media(new_record(config, base, base.noise, "motion", 4).recipe) == media


def test_single_pictures_are_no_processes(thin: Path, configure: Configure) -> None:
    with pytest.raises(ValueError, match="frames is 1: a process has at least 2"):
        check_sequences(motion_config(configure(frames=1), thin, Path("run")))


def test_a_run_that_isn_t_finished_is_refused(tmp_path: Path, configure: Configure) -> None:
    (tmp_path / "config.yaml").write_text("steps: 3\n")
    with pytest.raises(ValueError, match="has no finished base"):
        find_base(motion_config(configure(), tmp_path, Path("run")))
