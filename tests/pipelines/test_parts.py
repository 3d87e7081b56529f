from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

import underpaint.pipelines.places
from tests.pipelines.conftest import FRAMES, LONGEST, SIZE, thin_base
from underpaint.pipelines.parts import load_parts
from underpaint.pipelines.places import find_places


def copy(small: Path, to: Path, *names: str) -> Path:
    for name in names:
        shutil.copytree(small / name, to / name)
    return to


def test_what_a_folder_holds(small: Path) -> None:
    parts = load_parts(find_places(small))
    assert (parts.window, parts.size, parts.step) == (FRAMES, SIZE, 8)
    assert parts.network is not None
    assert parts.noise == thin_base().noise
    assert parts.described["motion"]["name"] == str(small / "motion")
    assert len({parts.described[name]["fingerprint"] for name in ("base", "motion", "replication")}) == 3


def test_runs_stand_for_their_results(small: Path, tmp_path: Path) -> None:
    for name in ("base", "motion", "replication"):
        copy(small, tmp_path / name, name)
        (tmp_path / name / "config.yaml").touch()
    assert load_parts(find_places(tmp_path)).network is not None
    shutil.rmtree(tmp_path / "replication" / "replication")  # still training
    assert load_parts(find_places(tmp_path)).network is None
    with pytest.raises(ValueError, match="has no finished replication"):
        load_parts(find_places(tmp_path, replication=str(tmp_path / "replication")))
    shutil.rmtree(tmp_path / "motion" / "motion")
    with pytest.raises(ValueError, match="has no finished motion"):
        load_parts(find_places(tmp_path))


def test_a_motion_module_that_was_trained_with_the_network_comes_first(small: Path, tmp_path: Path) -> None:
    copy(small, tmp_path, "base", "motion", "replication")
    copy(small, tmp_path / "replication", "motion")
    assert find_places(tmp_path).motion == str(tmp_path / "replication" / "motion")
    assert load_parts(find_places(tmp_path)).network is not None
    named = str(tmp_path / "motion")
    assert find_places(tmp_path, motion=named).motion == named
    assert find_places(tmp_path, replication=str(small / "replication")).motion == named


def test_named_networks_come_first(small: Path, tmp_path: Path) -> None:
    assert find_places(small, motion="owner/motion").motion == "owner/motion"
    places = find_places(None, base=str(small / "base"), motion=str(small / "motion"))
    assert places.replication is None
    assert load_parts(places).network is None


def test_what_is_missing_is_named_with_the_way_to_train_it(small: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"holds no motion/; leave --models out .*(\n.*)*underpaint-train motion"):
        find_places(copy(small, tmp_path, "base"))
    with pytest.raises(ValueError, match="nowhere is not a folder; leave --models out for the nano that is built in"):
        find_places(tmp_path / "nowhere")


def test_what_is_built_in() -> None:
    weights = list(underpaint.pipelines.places.SHIPPED.rglob("*.safetensors"))
    assert sum(path.stat().st_size for path in weights) <= 24e6
    for path in weights:
        assert {value.dtype for value in load_file(path).values() if value.is_floating_point()} == {torch.float16}
    assert find_places(None) == find_places(underpaint.pipelines.places.SHIPPED)
    # What was trained on it goes with it.
    assert find_places(None, motion="owner/motion").base == str(underpaint.pipelines.places.SHIPPED / "base")
    parts = load_parts(find_places(None))
    assert parts.network is not None
    assert (parts.window, parts.size) == (8, 64)
    assert parts.media == ("bezier", "illustration", "ink", "oil", "pencil", "region")


def test_networks_of_another_base_paint_on_it_and_it_is_told(
    small: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from underpaint.models import save_base

    caplog.set_level("INFO")
    copy(small, tmp_path, "motion", "replication")
    save_base(tmp_path / "base", thin_base(seed=2))
    assert load_parts(find_places(tmp_path)).network is not None
    for name in ("motion", "replication"):
        assert sum(f"{name} was trained on base" in line for line in caplog.messages) == 1, name


@pytest.mark.parametrize("which", ["motion", "replication"])
def test_networks_of_another_architecture_are_refused(small: Path, tmp_path: Path, which: str) -> None:
    copy(small, tmp_path, "base", "motion", "replication")
    record = tmp_path / which / "underpaint.json"
    content = json.loads(record.read_text())
    assert content["architecture"]
    record.write_text(json.dumps(content | {"architecture": "0123456789abcdef"}))
    with pytest.raises(ValueError, match=rf"{which} was trained on a base of another architecture, 0123456789abcdef;"):
        load_parts(find_places(tmp_path))
    del content["architecture"]  # as of before it was kept
    record.write_text(json.dumps(content))
    load_parts(find_places(tmp_path))


def test_weights_in_16_bits_are_the_same_networks(small: Path) -> None:
    whole, *others = (
        load_parts(find_places(small), dtype=dtype) for dtype in (torch.float32, torch.float16, torch.bfloat16)
    )
    for parts, dtype in zip(others, (torch.float16, torch.bfloat16), strict=True):
        assert (parts.unet.dtype, parts.network.dtype, parts.vae.dtype) == (dtype, dtype, torch.float32)
        assert parts.described == whole.described


def test_the_schedule_is_the_motion_modules_own(small: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    copy(small, tmp_path, "base", "motion")
    record = tmp_path / "motion" / "underpaint.json"
    content = json.loads(record.read_text())
    content["noise"]["beta_schedule"] = "linear"
    record.write_text(json.dumps(content))
    assert load_parts(find_places(tmp_path)).noise.beta_schedule == "linear"
    with pytest.raises(ValueError, match="was trained with the beta schedule linear"):
        load_parts(find_places(tmp_path), beta_schedule="squaredcos_cap_v2")
    with pytest.raises(ValueError, match="was trained with the beta schedule scaled_linear"):
        load_parts(find_places(tmp_path, replication=str(small / "replication")))
    record.unlink()
    published = load_parts(find_places(tmp_path))
    assert published.noise.beta_schedule == "linear"
    assert published.noise.prediction == "sample"
    assert (published.window, published.size) == (LONGEST, SIZE)
    assert caplog.messages[-1].startswith(f"{tmp_path / 'motion'} doesn't say which noise schedule it was trained with")
    told = len(caplog.messages)
    given = load_parts(find_places(tmp_path), beta_schedule="squaredcos_cap_v2")
    assert (given.noise.beta_schedule, len(caplog.messages)) == ("squaredcos_cap_v2", told)
