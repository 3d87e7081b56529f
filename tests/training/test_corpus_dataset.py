from pathlib import Path

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.decoding import ProcessDecoder
from underpaint.training.corpus_dataset import CorpusDataset, CorpusStream, collate_samples


def keys_of(samples):
    return [sample["key"] for sample in samples]


def test_a_dataset_has_every_sample_to_the_byte(corpus):
    dataset = CorpusDataset(corpus, ProcessDecoder(frames=3))
    ours = Corpus(corpus)
    assert len(dataset) == len(ours)
    for number, sample in enumerate(ours):
        np.testing.assert_array_equal(dataset[number]["frames"], sample.frames()[dataset[number]["indices"]])
    assert len(list(dataset)) == len(ours)  # it ends with an IndexError


def test_workers_give_batches(corpus):
    loader = DataLoader(CorpusDataset(corpus, ProcessDecoder(frames=3)), batch_size=2, num_workers=1)
    batch = next(iter(loader))
    assert (batch["frames"].dtype, batch["frames"].shape[:2]) == (torch.uint8, (2, 3))
    assert batch["key"] == list(Corpus(corpus).keys()[:2])


def test_what_is_wanted_and_transformed(corpus):
    sources = [sample.source for sample in Corpus(corpus)]
    wanted = CorpusDataset(
        corpus, wanted=lambda source, renderer: source == sources[1], transform=lambda sample: sample["source"]
    )
    assert set(wanted) == {sources[1]}
    with pytest.raises(ValueError, match="holds no sample that is wanted"):
        CorpusDataset(corpus, wanted=lambda source, renderer: False)


def test_a_stream_deals_each_sample_to_one_worker(corpus):
    expected = list(Corpus(corpus).keys())
    assert keys_of(CorpusStream(corpus)) == expected
    ranks = [keys_of(CorpusStream(corpus, rank=rank, world=2, seed=5)) for rank in range(2)]
    assert sorted(ranks[0] + ranks[1]) == sorted(expected)
    workers = DataLoader(CorpusStream(corpus), batch_size=None, num_workers=2)
    assert sorted(keys_of(workers)) == sorted(expected)


def test_a_stream_is_shuffled_anew_in_each_epoch(corpus):
    stream = CorpusStream(corpus, seed=0)
    loader = DataLoader(stream, batch_size=None, num_workers=1, persistent_workers=True)
    epochs = []
    for epoch in (0, 1, 0):
        stream.set_epoch(epoch)
        epochs.append(keys_of(loader))
    assert epochs[0] == epochs[2] != epochs[1]
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(Corpus(corpus).keys())


def test_what_does_not_stack_becomes_a_list(corpus):
    decode = ProcessDecoder(program=True)
    samples = [CorpusDataset(corpus, decode)[number] for number in range(2)]
    samples[1]["frames"] = samples[1]["frames"][:, :-8]
    batch = collate_samples(samples)
    assert isinstance(batch["frames"], list)
    assert batch["strokes"].shape == (2, len(samples[0]["strokes"]))
    assert [program["strokes"].shape[1] for program in batch["program"]]


def test_damage_is_named_with_its_shard(tmp_path, corpus):
    import shutil

    from tests.training.helpers import damage

    copy = Path(shutil.copytree(corpus, tmp_path / "copy"))
    key = Corpus(copy)[0].key
    damage(copy, key)
    with pytest.raises(ValueError, match=rf"000000\.tar: sample {key} can't be decoded: not a WebP; .*verify"):
        CorpusDataset(copy)[0]
