import itertools
import multiprocessing
import os
import signal
import subprocess
import time
from collections import Counter

import pytest
import torch

from tests.training.helpers import assert_equal, damage, keys, take
from underpaint.training.data_config import AugmentConfig
from underpaint.training.loader import Data
from underpaint.training.sample import BadSample


@pytest.fixture(scope="module")
def data(configure):
    return Data(configure())


def joined(parts):
    """The batches of several processes at one step as the keys and frames of a single one."""
    return [key for part in parts for key in part.keys], torch.cat([part.frames for part in parts])


@pytest.mark.parametrize("workers", [1, 2])
def test_any_number_of_workers_gives_the_same_batches(data, configure, workers):
    batches = take(data.train_batches(batch=3), 12)
    for one, two in zip(batches, take(Data(configure(workers=workers)).train_batches(batch=3), 12), strict=True):
        assert_equal(one, two)


@pytest.mark.parametrize("workers", [0, 2])
def test_going_on_from_a_step(data, configure, workers):
    straight = take(data.train_batches(batch=3), 14)
    resumed = take(Data(configure(workers=workers)).train_batches(batch=3, step=9), 5)
    for one, two in zip(straight[9:], resumed, strict=True):
        assert_equal(one, two)


@pytest.mark.parametrize("name", ["TERM", "INT"])
def test_workers_survive_the_first_signal_as_the_run_does(configure, name):
    """torchrun and a terminal send it to all processes; until the run has saved it needs batches."""
    reading = iter(Data(configure(workers=1)).train_batches(batch=3))
    list(itertools.islice(reading, 1))
    (worker,) = multiprocessing.active_children()
    # Not from here: torch lets workers end quietly when their own parent asks them to.
    subprocess.run(["kill", f"-{name}", str(worker.pid)], check=True)
    assert len(list(itertools.islice(reading, 12))) == 12
    assert worker.is_alive()
    # Told by the signal of the worker's end; who reads meanwhile may be told by whatever breaks first.
    with pytest.raises(RuntimeError, match=rf"DataLoader worker \(pid {worker.pid}\) is killed by signal"):
        end(worker.pid, name)
    worker.join(timeout=60)
    assert worker.exitcode == -signal.Signals[f"SIG{name}"]


def end(pid, name):
    """Send a signal, and wait for the end without taking note of it: that is left to torch."""
    subprocess.run(["kill", f"-{name}", str(pid)], check=True)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


def test_workers_do_not_outlive_a_killed_run(configure):
    """Where a server forks the workers, it stays their parent; as here, so with Python 3.14."""
    context = multiprocessing.get_context("forkserver")
    ours, theirs = context.Pipe()
    run = context.Process(target=read_and_be_killed, args=(configure(workers=2), theirs))
    run.start()
    assert ours.poll(60), run.exitcode
    workers = ours.recv()
    run.join(60)
    assert (run.exitcode, len(workers)) == (-signal.SIGKILL, 2)
    waited = time.monotonic() + 30
    while any(map(alive, workers)) and time.monotonic() < waited:
        time.sleep(0.05)
    assert not any(map(alive, workers))


def read_and_be_killed(config, pids):
    """A run that is killed while its workers load."""
    reading = iter(Data(config).train_batches(batch=3))
    next(reading)
    pids.send([worker.pid for worker in multiprocessing.active_children()])
    os.kill(os.getpid(), signal.SIGKILL)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_process_with_four_is_two_with_two(data):
    one = take(data.train_batches(batch=4), 12)
    two = zip(*(take(data.train_batches(batch=2, rank=rank, world=2), 12) for rank in (0, 1)), strict=True)
    for alone, parts in zip(one, two, strict=True):
        names, frames = joined(parts)
        assert names == list(alone.keys)
        assert torch.equal(frames, alone.frames)


def test_every_sample_once_an_epoch_on_processes_that_share_nothing(data):
    length = len(data.train.order)
    assert length % 6
    ranks = [take(data.train_batches(batch=2, rank=rank, world=3), length) for rank in range(3)]
    assert [len(rank) for rank in ranks] == [length] * 3
    positions = [{p for batch in rank for p in batch.positions.tolist()} for rank in ranks]
    assert sum(map(len, positions)) == len(set.union(*positions)) == 6 * length
    counts = Counter(key for rank in ranks for key in keys(rank))
    assert set(counts.values()) == {6}
    assert len(counts) == length


def test_weights_mix_corpora(configure, finished, other):
    config = configure(corpus=[str(finished), str(other)], weights=[1, 3])
    batches = take(Data(config).train_batches(batch=8), 6)
    assert [batch.stored.tolist().count(6) for batch in batches] == [6] * 6


def test_the_order_is_mixed_anew_in_every_epoch_and_by_every_seed(data, configure):
    length = len(data.train.order)
    two = keys(take(data.train_batches(batch=length), 2))
    assert sorted(two[:length]) == sorted(two[length:])
    assert two[:length] != two[length:]
    assert keys(take(Data(configure(seed=1)).train_batches(batch=length), 1)) != two[:length]


def test_validation_is_the_same_whatever_the_run(data, configure):
    count = len(data.validation.order)
    alone = list(data.validation_batches(batch=3))
    assert len(set(keys(alone))) == count == sum(map(len, alone))
    other = Data(configure(seed=5, caption_dropout=1, workers=2, augment=AugmentConfig()))
    for one, two in zip(alone, other.validation_batches(batch=3), strict=True):
        assert_equal(one, two)
    assert all(caption for batch in alone for caption in batch.captions)
    parts = [list(data.validation_batches(batch=3, rank=rank, world=2)) for rank in (0, 1)]
    assert sorted(keys(parts[0]) + keys(parts[1])) == sorted(keys(alone))


def test_no_more_validation_samples_than_wanted(configure):
    batches = list(Data(configure(validation_samples=2)).validation_batches(batch=4))
    assert [len(batch) for batch in batches] == [2]


def test_the_global_generator_is_left_alone(data):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    take(data.train_batches(batch=2), 2)
    assert torch.equal(torch.get_rng_state(), before)


def test_frames_are_loaded_with_room_for_the_cut(configure, other):
    config = configure(corpus=str(other), size=48, augment=AugmentConfig(crop=0.9))
    data = Data(config)
    assert take(data.train_batches(batch=2), 1)[0].frames.shape[-1] == 53
    assert next(iter(data.validation_batches(batch=1))).frames.shape[-1] == 48


@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_sample_stops_and_is_named(configure, corpus, workers):
    shard = damage(corpus, "00000013-p13-bezier")
    data = Data(configure(corpus=str(corpus), validation=0, workers=workers))
    with pytest.raises(BadSample, match=rf"^sample 00000013-p13-bezier in .*{shard} can't be used: .*without them$"):
        take(data.train_batches(batch=4), 6)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_damaged_sample_is_skipped_and_counted(configure, corpus, workers):
    damage(corpus, "00000013-p13-bezier")
    data = Data(configure(corpus=str(corpus), validation=0, workers=workers, on_bad_sample="skip"))
    batches = take(data.train_batches(batch=4), 6)
    assert {len(batch) for batch in batches} == {4}
    (reason,) = (reason for batch in batches for reason in batch.skipped)
    assert "00000013-p13-bezier" in reason
    assert "00000013-p13-bezier" not in keys(batches)


def test_what_was_found_is_told(data, configure, finished):
    count = len(data.train.order)
    assert data.describe() == [
        f"{finished}: {count} samples to train on",
        f"{24 - count} of {24 - count} samples to validate on",
    ]
    assert "all 9 stored frames are used, so no sequence can begin later" in Data(configure(frames=9)).describe()[-1]
    assert len(Data(configure(frames=9, later_start=0)).describe()) == 2


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"frames": 10}, "stores 9 frames"), ({"size": 64}, "size is 64"), ({"validation": 1e-6}, "left to validate on")],
)
def test_nonsense_is_refused_before_anything_is_read(configure, settings, message):
    with pytest.raises(ValueError, match=message):
        Data(configure(**settings))
