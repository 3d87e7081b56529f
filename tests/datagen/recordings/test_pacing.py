import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.datagen.videos import painting, with_hand
from underpaint.datagen.recordings.pacing import choose, progress


def arrays(frames):
    return [np.asarray(frame) for frame in frames]


def test_progress_never_falls_and_rests_in_a_pause():
    done, covered = progress(arrays(painting(60, pause=range(20, 40))))
    assert (np.diff(done) >= 0).all()
    assert done[0] == 0
    # The median looks four frames ahead and back, so a pause begins and ends a little blurred.
    assert done[20] == done[38] > 0
    assert done[41] > done[38]
    assert (covered[20:38] == 0).all()


def test_noise_is_no_progress():
    random = np.random.default_rng(0)
    noise = (random.normal(200, 5, (256, 320, 3)).clip(0, 255).astype(np.uint8) for _ in range(40))
    assert progress([np.asarray(Image.fromarray(frame).reduce(4)) for frame in noise])[0].max() == 0


def test_slow_change_counts_in_full():
    fade = [np.full((48, 64, 3), 255 - 2 * index, np.uint8) for index in range(100)]
    done, _ = progress(fade)
    (jump, _) = progress([fade[0], fade[-1]])
    assert done[-1] > 0.9 * jump[-1]


def test_a_hand_is_no_progress():
    clean, _ = progress(arrays(painting(70)))
    seen, covered = progress(arrays(with_hand(painting(70))))
    coming_and_going = sum(progress(pair)[0][-1] for pair in itertools.pairwise(arrays(with_hand(painting(70)))))
    assert coming_and_going > 4 * clean[-1]
    assert clean[-1] <= seen[-1] < 1.3 * clean[-1]
    hands = np.isin(np.arange(70) % 7, (2, 3))
    middle = slice(8, 62)
    assert covered[middle][hands[middle]].min() > 0.2 > covered[middle][~hands[middle]].max()


def test_moments_with_a_hand_are_avoided():
    chosen = choose(*progress(arrays(with_hand(painting(70)))), 9)
    assert len(chosen) == 9
    assert not any(index % 7 in (2, 3) for index in chosen[1:-1])


levels = st.lists(st.sampled_from([0.0, 0.0, 0.1, 1.0, 2.0, 30.0]), min_size=1, max_size=40)


@settings(max_examples=200, deadline=None)
@given(levels, st.integers(2, 12), st.randoms(use_true_random=False))
def test_a_choice_is_rising_and_distinct(steps, count, random):
    done = np.concatenate([[0.0], np.cumsum(steps)])
    covered = np.array([random.random() for _ in done])
    chosen = choose(done, covered, count)
    distinct = len(set(done))
    assert len(chosen) == (1 if distinct == 1 else min(count, distinct))
    assert chosen[0] == 0
    if distinct > 1:
        assert chosen[-1] == len(done) - 1
    assert all(np.diff(done[chosen]) > 0)
    assert chosen == sorted(set(chosen))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0.1, 9), min_size=4, max_size=9), st.integers(3, 4))
def test_no_other_choice_is_more_even(steps, count):
    done = np.concatenate([[0.0], np.cumsum(steps)])
    last = len(done) - 1
    chosen = choose(done, np.zeros(len(done)), count)
    others = itertools.combinations(range(1, last), count - 2)
    best = min((np.diff(done[[0, *middle, last]]) ** 2).sum() for middle in others)
    assert (np.diff(done[chosen]) ** 2).sum() == pytest.approx(best)
