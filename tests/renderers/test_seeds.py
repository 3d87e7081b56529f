import numpy as np
import pytest

from underpaint.renderers.seeds import bristle_grains, ink_seed, pencil_seed, region_seed, stage_seed

LARGEST = 2**63 - 1


def test_stages_of_a_recipe_have_seeds_of_their_own() -> None:
    seeds = [stage_seed(seed, stage, 7) for seed in (0, 1, 2, LARGEST) for stage in range(7)]
    assert len(set(seeds)) == len(seeds)
    assert stage_seed(3, 2, 7) == 23


def test_searches_of_an_ink_painting_have_seeds_of_their_own() -> None:
    parts = [("shapes", 5), ("replacements", 6), ("touches", 1), ("tints", 3)]
    for seed in (0, 1, LARGEST):
        seeds = [ink_seed(seed, part, number) for part, count in parts for number in range(count)]  # type: ignore[arg-type]
        assert len(set(seeds)) == 15
        assert min(seeds) // 64 == max(seeds) // 64 == seed % 2**57
    assert ink_seed(2, "tints", 1) == 128 + 49


def test_searches_of_a_pencil_drawing_have_seeds_of_their_own() -> None:
    seeds = [pencil_seed(seed, number) for seed in (0, 1, LARGEST) for number in range(16)]
    assert len(set(seeds)) == len(seeds)
    assert 0 == min(seeds) < max(seeds) < 2**63


def test_regions_have_seeds_of_their_own_which_neighbours_share() -> None:
    assert [region_seed(5, rank) for rank in range(3)] == [5, 6, 7]
    assert region_seed(LARGEST, 1) == 0


@pytest.mark.parametrize("seed", [0, 1, LARGEST])
def test_grains_are_exact_and_all_different(seed: int) -> None:
    grains = bristle_grains(seed, 65536)
    assert len(set(grains.tolist())) == 65536
    assert grains[0] == seed % 65536 / 65536
    np.testing.assert_array_equal(grains.astype(np.float32), grains)
    np.testing.assert_array_equal(grains, bristle_grains(seed % 65536, 65536))
