"""`PAINTING_VERSION` moves with what is painted: corpora, workers and repairs rely on it."""

import json
import subprocess
from typing import Any

import pytest

from tests.renderers.golden import FILE, environment, measure
from underpaint import renderers

pytestmark = pytest.mark.slow

ADVICE = "raise PAINTING_VERSION in renderers/__init__.py, then run: python -m tests.renderers.golden"
GOLDEN = json.loads(FILE.read_text())


@pytest.fixture(scope="module")
def measured() -> dict[str, Any]:
    try:
        return measure()
    except subprocess.CalledProcessError as error:
        if "needs a processor with" in error.stderr:
            pytest.skip("this processor can't run portable kernels")
        pytest.fail(error.stderr)


def test_the_golden_file_is_of_this_version() -> None:
    assert GOLDEN["version"] == renderers.PAINTING_VERSION, "renew it: python -m tests.renderers.golden"


@pytest.mark.parametrize("name", GOLDEN["replays"])
def test_programs_replay_as_ever(name: str, measured: dict[str, Any]) -> None:
    """On every machine and with all libraries."""
    assert measured["replays"][name] == GOLDEN["replays"][name], f"a {name} program looks different: {ADVICE}"


@pytest.mark.parametrize("name", GOLDEN["fits"])
def test_pictures_are_painted_as_ever(name: str, measured: dict[str, Any]) -> None:
    """To the byte with the libraries of the golden file; else about as well, since they round differently."""
    found, golden = measured["fits"][name], GOLDEN["fits"][name]
    if environment() == GOLDEN["environment"]:
        assert found == golden, f"{name} paints different strokes: {ADVICE}"
    assert found["psnr"] == pytest.approx(golden["psnr"], abs=1.0), f"{name} paints much better or worse: {ADVICE}"
