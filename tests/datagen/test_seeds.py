from underpaint.datagen.seeds import renderers_of, sample_seed


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


def test_a_draw_never_changes():
    media = ("bezier", "ink", "oil")
    drawn = [renderers_of(f"{name}.jpg", media, mix=True, run_seed=5) for name in "abcdef"]
    assert drawn == [("oil",), ("ink",), ("oil",), ("oil",), ("bezier",), ("ink",)]


def test_a_draw_is_even_and_follows_run_and_picture():
    media = ("bezier", "ink", "oil", "region")
    names = [f"{index}.jpg" for index in range(2000)]
    drawn = [renderers_of(name, media, mix=True, run_seed=0)[0] for name in names]
    assert all(abs(drawn.count(medium) - 500) < 80 for medium in media)
    assert drawn != [renderers_of(name, media, mix=True, run_seed=1)[0] for name in names]


def test_without_mix_all_paint():
    assert renderers_of("a.jpg", ("oil", "ink"), mix=False, run_seed=0) == ("oil", "ink")
