from collections import deque

import torch

from underpaint.training.batch import PREFETCHED, collate, empty_frames
from underpaint.training.sample import TrainingSample


def sample(position, **changes):
    values = {
        "key": f"k{position}",
        "position": position,
        "shape": (8, 8),
        "indices": (0, position),
        "stored": 9,
        "caption": f"c{position}",
        "draws": (0.5,) * 6,
    }
    return TrainingSample(**(values | changes))


def test_samples_side_by_side():
    frames = empty_frames(2, 2, (8, 8))
    frames.copy_(torch.randint(0, 256, frames.shape, generator=torch.Generator().manual_seed(0)))
    batch = collate(frames, [sample(3), sample(4, skipped=("a", "b"))])
    assert len(batch) == 2
    assert batch.frames.shape == (2, 2, 3, 8, 8)
    assert torch.equal(batch.frames[1, 0, 2], frames[1, 0, :, :, 2])
    assert batch.indices.tolist() == [[0, 3], [0, 4]]
    assert (batch.stored.tolist(), batch.positions.tolist()) == ([9, 9], [3, 4])
    assert (batch.keys, batch.captions, batch.skipped) == (("k3", "k4"), ("c3", "c4"), ("a", "b"))
    assert batch.draws.dtype == torch.float32


def test_to_a_device():
    batch = collate(empty_frames(1, 2, (8, 8)), [sample(1)]).to("meta")
    assert {tensor.device.type for tensor in (batch.frames, batch.draws)} == {"meta"}
    # What a step asks for by number stays where asking is free.
    assert (batch.starts_later, batch.positions.tolist(), batch.keys) == ([False], [1], ("k1",))


def test_latents_and_text_of_a_cache() -> None:
    latents, text = torch.rand(2, 2, 4, 3, 3), torch.rand(2, 7, 5)
    batch = collate(latents, [sample(3), sample(4)], text)
    assert torch.equal(batch.frames, latents)
    assert torch.equal(batch.text, text)
    assert batch.to("meta").text.device.type == "meta"


def test_positions_of_63_bits():
    assert collate(empty_frames(1, 2, (8, 8)), [sample(2**63 - 1)]).positions.item() == 2**63 - 1


def test_batches_of_any_shape_take_turns_in_the_same_shared_rooms(monkeypatch):
    monkeypatch.setattr("underpaint.training.batch.get_worker_info", lambda: "a worker")
    monkeypatch.setattr("underpaint.training.batch._rooms", deque(maxlen=PREFETCHED + 2))
    shapes = [(8, 8), (4, 16), (16, 4), (6, 10), (8, 8), (4, 12)] * 4
    rooms = [empty_frames(2, 3, shape) for shape in shapes]
    assert all(room.shape == (2, 3, *shape, 3) and room.is_shared() for room, shape in zip(rooms, shapes, strict=True))
    places = [room.data_ptr() for room in rooms[-12:]]
    assert len(set(places)) == PREFETCHED + 2
    # None is written to while those before it wait or are copied from.
    assert all(len(set(places[start : start + PREFETCHED + 2])) == PREFETCHED + 2 for start in range(8))
