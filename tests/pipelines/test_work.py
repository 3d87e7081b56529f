from __future__ import annotations

from typing import Any

from tests.pipelines.conftest import FRAMES, picture


def test_guidance_has_no_part_in_the_inversion(pipeline: Any) -> None:
    def variances(**sampling: Any) -> dict[str, float]:
        made = pipeline.reconstruct(picture(), "a barn", steps=3, seed=1, inversion=True, **sampling)
        return dict(made.about["inverted_noise_variance"])

    plain = variances()
    assert plain.keys() == {str(FRAMES - 1)}
    assert variances(guidance=9.0, negative_prompt="a dog") == plain
