import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.datagen.helpers import ROOT, synthetic
from underpaint import renderers
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.format.frames import decode_frames
from underpaint.datagen.format.sample import Failure, Sample
from underpaint.datagen.jobs.maker import Stopwatch
from underpaint.datagen.painting import painted
from underpaint.datagen.painting.painted import make_samples
from underpaint.datagen.painting.painter import with_options
from underpaint.datagen.sources.reading import read_sources
from underpaint.datagen.sources.rows import CREDITS
from underpaint.datagen.sources.source import Source


@pytest.fixture
def source(tmp_path):
    synthetic(4).save(tmp_path / "A Tree.png")
    return Source(7, "trees/A Tree.png", tmp_path / "A Tree.png", "a tree")


def made(source: Source, config: GenerateConfig, watch: Stopwatch | None = None) -> list[Sample | Failure]:
    return list(make_samples(source, with_options(config), watch))


def only_sample(source: Source, config: GenerateConfig) -> Sample:
    (sample,) = made(source, config)
    assert isinstance(sample, Sample)
    return sample


@pytest.mark.parametrize("renderer", renderers.names())
def test_a_sample_of_any_renderer_is_replayed_to_the_byte(source, configure, tmp_path, renderer):
    config = configure(tmp_path, renderer=renderer)
    sample = only_sample(source, config)
    assert sample.key == f"00000007-a-tree-{renderer}"
    frames = decode_frames(sample.files["webp"], 5)
    program = renderers.Program.load(io.BytesIO(sample.files["strokes.npz"]))
    record = json.loads(sample.files["json"])
    assert record["renderer"] == program.medium == renderer
    assert record["about"] == json.loads(json.dumps(dict(program.about)))
    for frame, step in zip(frames, record["frames"], strict=True):
        np.testing.assert_array_equal(frame, program.replay(strokes=step["strokes"]))
        moment = renderers.get_medium(renderer).moment(program, step["strokes"])
        assert {"strokes": step["strokes"], "psnr": step["psnr"], **json.loads(json.dumps(moment))} == step
    assert record["frames"][0]["phase"] == "blank"
    assert record["frames"][-1]["phase"] in program.phases
    assert only_sample(source, config) == sample


def test_a_sample_holds_the_whole_process(source, configure, tmp_path):
    sample = only_sample(source, configure(tmp_path, store_target=True))
    assert sample.key == "00000007-a-tree-bezier"
    assert list(sample.files) == ["webp", "json", "strokes.npz", "target.webp"]
    record = json.loads(sample.files["json"])
    assert record == sample.record
    assert (record["source"], record["caption"], record["canvas"]) == ("trees/A Tree.png", "a tree", [48, 48])
    frames = decode_frames(sample.files["webp"], 5)
    program = renderers.Program.load(io.BytesIO(sample.files["strokes.npz"]))
    for frame, step in zip(frames, record["frames"], strict=True):
        np.testing.assert_array_equal(frame, program.replay(strokes=step["strokes"]))
    target = np.asarray(Image.open(io.BytesIO(sample.files["target.webp"])))
    assert record["psnr"] == record["frames"][-1]["psnr"] == pytest.approx(renderers.psnr(frames[-1], target), abs=1e-4)
    assert record["frames"][0]["strokes"] == 0
    assert record["strokes"] == len(program) == record["frames"][-1]["strokes"]


def test_a_sample_is_the_same_every_time(source, configure, tmp_path):
    config = configure(tmp_path)
    assert only_sample(source, config) == only_sample(source, config)
    assert only_sample(source, config).files != only_sample(source, configure(tmp_path, seed=1)).files


def test_only_a_fixed_set_of_facts_goes_into_the_json(source, configure, tmp_path):
    text = only_sample(source, configure(tmp_path)).files["json"].decode()
    assert str(tmp_path) not in text
    assert set(json.loads(text)) == {
        *("key", "source", "caption", "renderer", "quality", "schedule", "seed"),
        *("canvas", "strokes", "frames", "psnr", "about", "version"),
    }


def test_a_plain_picture_is_painted_too(configure, tmp_path):
    Image.new("RGB", (40, 40), "white").save(tmp_path / "white.png")
    sample = only_sample(Source(0, "white.png", tmp_path / "white.png"), configure(tmp_path))
    assert len(decode_frames(sample.files["webp"], 5)) == 5
    assert json.loads(sample.files["json"])["caption"] is None


def test_the_proportions_are_kept_on_demand(source, configure, tmp_path):
    assert only_sample(source, configure(tmp_path, aspect="keep")).record["canvas"] == [48, 60]


def test_one_picture_in_several_media(source, configure, tmp_path, charcoal):
    alone = only_sample(source, configure(tmp_path))
    both = made(source, configure(tmp_path, renderer="charcoal,bezier"))
    assert [sample.key for sample in both] == ["00000007-a-tree-charcoal", "00000007-a-tree-bezier"]
    assert both[1] == alone
    assert made(source, configure(tmp_path, renderer="bezier,charcoal")) == both[::-1]
    record = json.loads(both[0].files["json"])
    assert record["about"] == {"paper": "rough", "seed": record["seed"]}
    steps = [(step["strokes"], step["phase"], step["bands"]) for step in record["frames"]]
    assert steps[0] == (0, "blank", [])
    assert steps[2] == (4, "upper", [0, 1, 2, 3])
    assert steps[4] == (8, "lower", [0, 1, 2, 3, 4, 5, 6, 7])


def test_with_mix_one_medium_is_drawn(source, configure, tmp_path, charcoal):
    config = configure(tmp_path, renderer="bezier,charcoal")
    both = {sample.record["renderer"]: sample for sample in made(source, config)}
    seen = set()
    for seed in range(8):
        sample = only_sample(source, configure(tmp_path, renderer="bezier,charcoal", mix=True, seed=seed))
        seen.add(sample.record["renderer"])
        if seed == 0:
            assert sample == both[sample.record["renderer"]]
    assert seen == {"bezier", "charcoal"}


def test_a_picture_is_decoded_once_for_all_media(source, configure, tmp_path, charcoal, monkeypatch):
    calls = []
    decode = painted.decode_picture
    monkeypatch.setattr(painted, "decode_picture", lambda *args: calls.append(args) or decode(*args))
    assert len(made(source, configure(tmp_path, renderer="bezier,charcoal"))) == 2
    assert len(calls) == 1


def test_a_picture_that_can_t_be_used_is_one_failure(configure, tmp_path, charcoal):
    config = configure(tmp_path, renderer="bezier,charcoal")
    (failure,) = made(Source(3, "x/none.png", tmp_path / "none.png"), config)
    assert failure == Failure(source="x/none.png", index=3, renderer=None, reason="missing", detail="no such file")


@pytest.mark.parametrize("step", ["fit", "progress", "moment"])
def test_a_renderer_that_fails_on_a_picture_leaves_the_others_alone(
    source, configure, tmp_path, charcoal, monkeypatch, step
):
    def fail(*args: object, **options: object) -> None:
        raise ZeroDivisionError("no light")

    monkeypatch.setattr(charcoal, step, fail)
    first, failure = made(source, configure(tmp_path, renderer="bezier,charcoal"))
    assert first == only_sample(source, configure(tmp_path))
    assert (failure.renderer, failure.reason, failure.detail) == (
        "charcoal",
        "not-painted",
        "ZeroDivisionError: no light",
    )
    failure, second = made(source, configure(tmp_path, renderer="charcoal,bezier"))
    assert (failure.renderer, second) == ("charcoal", first)


def test_out_of_memory_is_no_verdict_on_the_picture(source, configure, tmp_path, charcoal, monkeypatch):
    def fail(*args: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(charcoal, "fit", fail)
    _, failure = made(source, configure(tmp_path, renderer="bezier,charcoal"))
    assert (failure.renderer, failure.reason) == ("charcoal", "no-memory")  # the shard decides what becomes of it


def test_a_guide_that_is_missing_fails_only_who_needs_it(source, configure, tmp_path, charcoal):
    config = configure(tmp_path, renderer="charcoal,bezier", options={"charcoal": charcoal.options(order="depth")})
    failure, sample = made(source, config)
    assert (failure.renderer, failure.reason) == ("charcoal", "missing-guide")
    assert sample.record["renderer"] == "bezier"
    # The lower a band, the nearer it is.
    depth = np.arange(64, dtype=np.uint8).repeat(80).reshape(64, 80)
    Image.fromarray(depth).save(tmp_path / "A Tree.depth.png")
    guided, _ = made(source, config)
    program = renderers.Program.load(io.BytesIO(guided.files["strokes.npz"]))
    assert program.strokes[:, 0].tolist() == [42, 36, 30, 24, 18, 12, 6, 0]
    Image.new("L", (64, 80)).save(tmp_path / "A Tree.depth.png")
    failure, _ = made(source, config)
    assert (failure.renderer, failure.reason) == ("charcoal", "bad-guide")


def test_a_guide_that_is_welcome_is_taken_and_recorded_where_it_is(source, configure, tmp_path, charcoal):
    config = configure(tmp_path, renderer="charcoal", options={"charcoal": charcoal.options(order="near")})
    without = only_sample(source, config)
    assert "guides" not in without.record
    depth = Image.fromarray(np.arange(64, dtype=np.uint8).repeat(80).reshape(64, 80))
    named = PngInfo()
    named.add_text("Model", "depth-anything\x07 " + "x" * 1000)
    for info, origin in ((None, None), (named, "depth-anything\\x07 " + "x" * 181)):
        depth.save(tmp_path / "A Tree.depth.png", pnginfo=info)
        guided = only_sample(source, config)
        assert json.loads(guided.files["json"])["guides"] == {"depth": origin}
        assert guided.files["strokes.npz"] != without.files["strokes.npz"]
    depth.convert("RGB").save(tmp_path / "A Tree.depth.png")
    (failure,) = made(source, config)
    assert (failure.renderer, failure.reason) == ("charcoal", "bad-guide")


def test_time_is_told_by_step(source, configure, tmp_path):
    watch = Stopwatch()
    made(source, configure(tmp_path), watch)
    assert set(watch.seconds) == {"decode", "paint", "frames", "encode"}
    assert all(seconds > 0 for seconds in watch.seconds.values())


def test_credits_travel_into_the_record_and_leave_the_rest_as_it_is(source, configure, tmp_path):
    config = configure(tmp_path)
    credits = tuple((column, f"of {column}") for column in CREDITS)
    plain, credited = only_sample(source, config), only_sample(replace(source, credits=credits), config)
    assert credited.record == plain.record | dict(credits)
    assert json.loads(credited.files["json"]) == credited.record
    assert credited.files | {"json": b""} == plain.files | {"json": b""}
    document = (ROOT / "docs" / "format.md").read_text()
    assert all(f"`{column}`" in document for column in (*CREDITS, "stamp"))


@pytest.mark.parametrize("where", ["strokes", "ground", "arrays", "about", "moment"])
def test_numbers_that_are_not_finite_are_never_stored(source, configure, tmp_path, charcoal, monkeypatch, where):
    fit, nan = charcoal.fit, np.full(3, np.nan, np.float32)

    def broken(*arguments: object, **options: object) -> renderers.ProgramData:
        program = fit(*arguments, **options)
        strokes = program.strokes.copy()
        strokes[-1, -1] = np.inf
        values = {"strokes": strokes, "ground": nan, "arrays": {"a": nan}, "about": {"loss": float("nan")}}
        return replace(program, **{where: values[where]}) if where in values else program

    monkeypatch.setattr(charcoal, "fit", broken)
    if where == "moment":
        monkeypatch.setattr(charcoal, "moment", lambda *_: {"share": float("inf")})
    failed, sample = made(source, configure(tmp_path, renderer="charcoal,bezier"))
    assert isinstance(sample, Sample)
    assert isinstance(failed, Failure)
    assert (failed.renderer, failed.reason) == ("charcoal", "not-painted")


def test_what_is_in_a_drawn_scene_stands_in_its_record(tmp_path):
    (scene,) = read_sources("scenes-held-out:1")
    (sample,) = made(scene, GenerateConfig(source="", out=tmp_path, renderer="region", size=32, frames=2))
    assert isinstance(sample, Sample)
    assert sample.record["scene"] == scene.path.scene.record()
    assert sample.record["caption"] == scene.caption
    assert sample.record["guides"] == {"saliency": "drawn with the picture"}
