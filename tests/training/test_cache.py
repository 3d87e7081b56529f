from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.training.conftest import Configure
from tests.training.helpers import assert_equal, damage, take
from tests.training.runs import motion_config
from underpaint.datagen.format.index import read_index
from underpaint.models import load_base
from underpaint.models.captions import tokens_of
from underpaint.models.latents import encode
from underpaint.training.augment import to_float
from underpaint.training.cache import Cache, CachedPaintings, cache_of
from underpaint.training.cache_filling import fill
from underpaint.training.data_config import AugmentConfig, DataConfig
from underpaint.training.dataset import Paintings
from underpaint.training.loader import Data
from underpaint.training.loop import new_accelerator
from underpaint.training.sample import BadSample
from underpaint.training.stopping import Stopping

PLAIN = AugmentConfig(crop=1, saturation=0, gamma=0)
KEY = "00000013-p13-bezier"

Filled = Callable[..., Data]


@pytest.fixture(scope="module")
def filled(thin: Path, configure: Configure, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """Build the data of a config, read from a cache; all share one folder but those that name another."""
    shared = tmp_path_factory.mktemp("cache")

    def build(folder: Path = shared, **changes: Any) -> Data:
        config = configure(**({"augment": PLAIN} | changes))
        cache = fill(folder, config, load_base(thin), new_accelerator(motion_config(config, thin, folder)), Stopping())
        assert cache is not None
        return Data(config).cached(cache)

    return build


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"frames": 1, "half_painted": 0.5, "trigger": "sks"},
        {"caption_dropout": 0.5, "seed": 3, "name_medium": True},
    ],
)
@torch.no_grad()
def test_what_the_networks_make_of_the_very_same_samples(
    thin: Path, configure: Configure, filled: Filled, changes: dict[str, Any]
) -> None:
    base = load_base(thin)
    config = configure(augment=PLAIN, **changes)
    flips = 0
    for pixels, cached in zip(
        take(Data(config).train_batches(batch=5), 5), take(filled(**changes).train_batches(batch=5), 5), strict=True
    ):
        assert cached.text is not None
        frames = to_float(pixels.frames)
        flipped = pixels.draws[:, 0] < 0.5
        flips += int(flipped.sum())
        frames = torch.where(flipped.view(-1, 1, 1, 1, 1), frames.flip(-1), frames)
        torch.testing.assert_close(cached.frames.float(), encode(base.vae, frames), rtol=1e-3, atol=1e-4)
        states = base.text_encoder(tokens_of(base.tokenizer, pixels.captions))[0]
        torch.testing.assert_close(cached.text.float(), states, rtol=1e-3, atol=1e-4)
        assert_equal(replace(pixels, frames=cached.frames), cached)
    assert 5 < flips < 20


def test_validation_is_never_mirrored_and_keeps_captions(thin: Path, configure: Configure, filled: Filled) -> None:
    (pixels,) = Data(configure(augment=PLAIN)).validation_batches(batch=9)
    (cached,) = filled(caption_dropout=1.0).validation_batches(batch=9)
    assert cached.captions == pixels.captions
    assert all(cached.captions)
    wanted = encode(load_base(thin).vae, to_float(pixels.frames))
    torch.testing.assert_close(cached.frames.float(), wanted, rtol=1e-3, atol=1e-4)


def test_any_number_of_workers_gives_the_same_batches(filled: Filled) -> None:
    for one, two in zip(
        take(filled().train_batches(batch=3), 4), take(filled(workers=2).train_batches(batch=3), 4), strict=True
    ):
        assert_equal(one, two)
        assert torch.equal(one.text, two.text)


def test_workers_of_any_operating_system_can_be_sent_it(filled: Filled) -> None:
    dataset = filled().train
    assert dataset is not None
    latents, samples, text = pickle.loads(pickle.dumps(dataset))[[5]]
    assert torch.equal(latents, dataset[[5]][0])
    assert samples == dataset[[5]][1]
    assert (latents.shape, text.shape) == ((1, 4, 4, 12, 12), (1, 77, 128))


@pytest.mark.parametrize("extension", ["webp", "json"])
@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_sample_stops_with_the_words_that_it_has_without_a_cache(
    configure: Configure, filled: Filled, corpus: Path, tmp_path: Path, workers: int, extension: str
) -> None:
    damage(corpus, KEY, extension)
    changes = {"corpus": str(corpus), "validation": 0, "workers": workers}
    said = []
    for data in (Data(configure(augment=PLAIN, **changes)), filled(tmp_path, **changes)):
        with pytest.raises(BadSample) as bad:
            take(data.train_batches(batch=4), 6)
        said.append(str(bad.value))
    assert said[0] == said[1]
    assert said[0].startswith(f"sample {KEY} in {corpus}")


def test_a_damaged_sample_is_skipped_and_counted(
    configure: Configure, filled: Filled, corpus: Path, tmp_path: Path
) -> None:
    damage(corpus, KEY)
    changes = {"corpus": str(corpus), "validation": 0, "on_bad_sample": "skip"}
    for one, two in zip(
        take(Data(configure(augment=PLAIN, **changes)).train_batches(batch=4), 6),
        take(filled(tmp_path, **changes).train_batches(batch=4), 6),
        strict=True,
    ):
        assert_equal(replace(one, frames=two.frames), two)


def test_too_few_frames_are_refused_in_the_same_words(filled: Filled) -> None:
    cached = filled().train
    assert isinstance(cached, CachedPaintings)
    config = replace(cached.config, frames=10)
    pixels = Paintings(cached.corpora, order=cached.order, buckets=cached.buckets, config=config, training=True)
    said = []
    for dataset in (pixels, CachedPaintings(pixels, cached.cache)):
        with pytest.raises(BadSample, match="it stores 9 frames, 10 are needed") as bad:
            dataset[[0]]
        said.append(str(bad.value))
    assert said[0] == said[1]


def test_a_sample_that_was_mended_has_to_be_made_again(
    filled: Filled, corpus: Path, finished: Path, tmp_path: Path
) -> None:
    shard = damage(corpus, KEY)
    data = filled(tmp_path, corpus=str(corpus), validation=0)
    (corpus / shard).write_bytes((finished / shard).read_bytes())
    with pytest.raises(BadSample, match=rf"{KEY} in .* was damaged when the cache was filled: delete .*latents-48-.*"):
        take(data.train_batches(batch=4), 6)


def place(thin: Path, config: DataConfig, **parts: Any) -> Cache:
    base = replace(load_base(thin), **parts)
    return cache_of(
        Path("cache"), config, base, [read_index(Path(folder), lambda *_: True)[0] for folder in config.corpus]
    )


def test_what_depends_on_other_things_lies_elsewhere(thin: Path, configure: Configure, corpus: Path) -> None:
    here = place(thin, configure())
    assert place(thin, configure(frames=2, seed=4, validation=0.5, workers=2)) == here
    # Wherever a corpus is moved, it is the same.
    assert set(place(thin, configure(corpus=str(corpus))).names.values()) == set(here.names.values())
    for changes in ({"size": 32}, {"augment": replace(PLAIN, flip=0)}, {"renderer": "bezier"}):
        assert place(thin, configure(**changes)).latents != here.latents
    others = {"trigger": "sks"}, {"name_medium": True}, {"frames": 1, "half_painted": 0.5}, {"renderer": "bezier"}
    for changes in others:
        assert place(thin, configure(**changes)).text != here.text
    vae, text_encoder = load_base(thin).vae, load_base(thin).text_encoder
    for network in (vae, text_encoder):
        with torch.no_grad():
            next(network.parameters()).view(-1)[0] += 1e-6
    assert place(thin, configure(), vae=vae).latents != here.latents
    assert place(thin, configure(), vae=vae).text == here.text
    assert place(thin, configure(), text_encoder=text_encoder).text != here.text
    vae = load_base(thin).vae
    vae.register_to_config(scaling_factor=2.0)
    assert place(thin, configure(), vae=vae).latents != here.latents


def test_a_shard_that_was_made_anew_has_other_side_shards(thin: Path, configure: Configure, corpus: Path) -> None:
    before = place(thin, configure(corpus=str(corpus)))
    sidecar = corpus / "000000.json"
    record = json.loads(sidecar.read_bytes())
    sidecar.write_text(json.dumps(record | {"sha256": "0" * 64}))
    after = place(thin, configure(corpus=str(corpus)))
    there = {f"00000{shard}-" for shard in range(3)}
    assert {name[:7] for name in after.names.values()} == {name[:7] for name in before.names.values()} == there
    changed = set(after.names.values()) - set(before.names.values())
    assert changed == {"000000-0000000000000000.safetensors"}


def test_side_shards_that_can_t_be_used_are_named(filled: Filled, tmp_path: Path) -> None:
    data = filled(tmp_path / "cache")
    assert isinstance(data.train, CachedPaintings)
    paths = [data.train.cache.latents_of(tar) for tar in data.train.cache.names]
    for path in paths:
        tensors = load_file(path)
        save_file({name: torch.full_like(value, torch.nan) for name, value in tensors.items()}, path)
    with pytest.raises(ValueError, match=r"latents-.*delete it to have it made again.*not finite"):
        take(data.train_batches(batch=1), 1)
    for path in paths:
        path.write_bytes(b"half")
    with pytest.raises(ValueError, match=r"side shard .*latents-.* can't be read .*delete it"):
        take(data.train_batches(batch=1), 1)
