from datagen.seeds import sample_seed


def test_a_seed_never_changes():
    # A corpus that is continued next year must give the same samples.
    assert sample_seed(0, "a/b.jpg", "bezier") == 2892360895


def test_a_seed_depends_on_run_picture_and_renderer():
    seeds = {
        sample_seed(run, name, renderer)
        for run in (0, 1)
        for name in ("a.jpg", "b.jpg", "größe.jpg", "bad\udcff.jpg")
        for renderer in ("bezier", "oil")
    }
    assert len(seeds) == 16
    assert all(0 <= seed < 2**32 for seed in seeds)


def test_parts_of_a_seed_are_kept_apart():
    assert sample_seed(1, "1a", "x") != sample_seed(11, "a", "x")
