import pytest
import torch

from tests.pictures import load_picture
from underpaint.training.augment import augment, augment_draws, to_float
from underpaint.training.data_config import AugmentConfig

NOTHING = AugmentConfig(flip=0, crop=1, saturation=0, gamma=0)


@pytest.fixture
def frames():
    """Two processes of three frames: blank, half, finished."""
    finished = torch.stack([torch.from_numpy(load_picture(name, (72, 72))) for name in ("coffee", "flower")]).permute(
        0, 3, 1, 2
    )
    half = finished.clone()
    half[:, :, 36:] = 255
    return torch.stack([torch.full_like(finished, 255), half, finished], 1)


def some_draws(**fixed):
    draws = torch.tensor([augment_draws(0, position) for position in (1, 2)])
    for number, name in enumerate(("flip", "scale", "left", "top", "saturation", "gamma")):
        if name in fixed:
            draws[:, number] = fixed[name]
    return draws


def test_nothing_changes_nothing(frames):
    assert torch.equal(to_float(frames), augment(frames, some_draws(), (72, 72), NOTHING))
    assert (to_float(frames).min(), to_float(frames).max()) == (-1, 1)


def test_flipping_is_exact(frames):
    config = AugmentConfig(flip=0.5, crop=1, saturation=0, gamma=0)
    draws = some_draws(flip=torch.tensor([0.4, 0.6]))
    flipped = augment(frames, draws, (72, 72), config)
    assert torch.equal(flipped[0], to_float(frames)[0].flip(-1))
    assert torch.equal(flipped[1], to_float(frames)[1])


def test_one_draw_for_all_frames_of_a_process(frames):
    config = AugmentConfig()
    together = augment(frames, some_draws(), (64, 64), config)
    alone = torch.cat([augment(frames[:, [index]], some_draws(), (64, 64), config) for index in range(3)], 1)
    assert together.shape == (2, 3, 3, 64, 64)
    assert torch.allclose(together, alone, atol=1e-6)
    # What was painted in the second step and stays is the same in the third.
    assert torch.equal(together[:, 1, :, :28], together[:, 2, :, :28])


def test_a_process_does_not_depend_on_its_batch(frames):
    together = augment(frames, some_draws(), (64, 64), AugmentConfig())
    for process in range(2):
        alone = augment(frames[[process]], some_draws()[[process]], (64, 64), AugmentConfig())
        assert torch.equal(together[[process]], alone)


def test_blank_paper_stays_blank_and_black_stays_black(frames):
    frames[:, 1] = 0
    result = augment(frames, some_draws(saturation=0.9, gamma=0.1), (64, 64), AugmentConfig(saturation=0.5, gamma=0.5))
    assert torch.allclose(result[:, 0], torch.ones(()), atol=1e-5)
    assert torch.allclose(result[:, 1], -torch.ones(()), atol=1e-5)


@pytest.mark.parametrize(("left", "top"), [(0.0, 0.0), (1.0, 0.0), (0.5, 1.0)])
def test_a_cut_is_the_square_that_was_drawn(frames, left, top):
    # The smallest share, 8/9 of 72, is 64 pixels: nothing is scaled, so the very pixels must come.
    config = AugmentConfig(flip=0, crop=64 / 72, saturation=0, gamma=0)
    result = augment(frames, some_draws(scale=1.0, left=left, top=top), (64, 64), config)
    x, y = int(left * 8), int(top * 8)
    assert torch.allclose(result, to_float(frames)[..., y : y + 64, x : x + 64], atol=1e-3)


def test_a_scaled_cut_shows_the_same_place(frames):
    config = AugmentConfig(flip=0, crop=0.5, saturation=0, gamma=0)
    result = augment(frames, some_draws(scale=1.0, left=0.5, top=0.5), (36, 36), config)[:, 2]
    assert (result - to_float(frames)[:, 2, :, 18:54, 18:54]).abs().mean() < 1e-3
    enlarged = augment(frames, some_draws(scale=1.0, left=0.0, top=1.0), (72, 72), config)[:, 2]
    pooled = torch.nn.functional.avg_pool2d(enlarged, 2)
    assert (pooled - to_float(frames)[:, 2, :, 36:, :36]).abs().mean() < 0.05


def test_colours_grow_stronger_or_weaker(frames):
    config = AugmentConfig(flip=0, crop=1, saturation=0.5, gamma=0)

    def strength(pixels):
        return (pixels.amax(-3) - pixels.amin(-3)).mean()

    weak, plain, strong = (augment(frames, some_draws(saturation=draw), (72, 72), config) for draw in (0.0, 0.5, 1.0))
    assert torch.allclose(plain, to_float(frames), atol=1e-5)
    assert strength(weak) < 0.6 * strength(plain) < strength(plain) < strength(strong)


def test_draws_follow_from_seed_and_position():
    assert augment_draws(3, 4) == augment_draws(3, 4)
    assert len({augment_draws(seed, position) for seed in (0, 1) for position in (0, 1)}) == 4


@pytest.mark.parametrize("values", [{"crop": 0.4}, {"crop": 1.1}, {"flip": -0.1}, {"saturation": 1}, {"gamma": 2}])
def test_values_out_of_range(values):
    with pytest.raises(ValueError, match=rf"augment\.{next(iter(values))} is .*: use"):
        AugmentConfig(**values)
