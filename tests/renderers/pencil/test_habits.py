from underpaint.renderers.pencil.habits import RANGES, draw_habits


def test_habits_differ_from_seed_to_seed_and_lie_in_their_ranges() -> None:
    hands = [draw_habits(seed, {}) for seed in range(60)]
    assert draw_habits(7, {}) == hands[7]
    for name, (low, high) in RANGES.items():
        values = [abs(getattr(hand, name)) if name == "slant" else getattr(hand, name) for hand in hands]
        low, high = sorted((abs(low), abs(high)))
        assert low <= min(values) < max(values) <= high
        assert len(set(values)) > 50
    left_handed = sum(hand.slant > 0 for hand in hands)
    assert 1 <= left_handed <= 20


def test_what_is_fixed_leaves_the_others_as_they_are() -> None:
    free, fixed = draw_habits(3, {"spacing": None}), draw_habits(3, {"spacing": 0.02})
    assert fixed.spacing == 0.02
    assert (fixed.slant, fixed.place, fixed.reserve) == (free.slant, free.place, free.reserve)
