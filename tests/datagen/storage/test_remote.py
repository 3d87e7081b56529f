import errno

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from underpaint.datagen.storage import patience
from underpaint.datagen.storage.patience import StoreError
from underpaint.datagen.storage.store import Store


@pytest.fixture
def memory(monkeypatch):
    """The file system behind `memory://`, and no pauses."""
    monkeypatch.setattr(patience.time, "sleep", lambda seconds: None)
    return MemoryFileSystem


def failing(monkeypatch, filesystem, method, *errors):
    """Have a method of a file system raise these first; an int writes so many bytes only, and says nothing."""
    real, left = getattr(filesystem, method), list(errors)

    def call(self, *args, **options):
        error = left.pop(0) if left else None
        if isinstance(error, Exception):
            raise error
        if isinstance(error, int):
            return real(self, args[0], args[1][:error])
        return real(self, *args, **options)

    monkeypatch.setattr(filesystem, method, call)
    return left


def use(store: Store) -> None:
    store.write("a", b"content")
    with store.staged("b") as path:
        path.write_bytes(b"content")
        store.publish(path, "b")
    assert store.names() == ["a", "b"]
    assert [store.read(name) for name in store.names()] == [b"content"] * 2
    store.remove("a")
    assert store.names() == ["b"]


def test_passing_troubles_don_t_show(memory, monkeypatch):
    store = Store("memory://troubled")
    for method in ("pipe_file", "put_file", "ls", "info", "cat_file", "mv", "rm_file"):
        with monkeypatch.context() as patch:
            left = failing(patch, memory, method, OSError("503 slow down"), TimeoutError())
            use(store)
        assert left == []


def test_what_arrives_half_is_sent_again(memory, monkeypatch):
    store = Store("memory://half")
    failing(monkeypatch, memory, "pipe_file", 3, 0)
    store.write("a", b"content")
    assert store.read("a") == b"content"
    failing(monkeypatch, memory, "pipe_file", *[3] * patience.TRIES)
    with pytest.raises(StoreError, match=r"can't write memory://half/b in \d tries: 3 of 7 bytes arrived"):
        store.write("b", b"content")
    assert store.sizes() == {"a": 7}


def test_a_lost_answer_to_a_rename_does_no_harm(memory, monkeypatch):
    store, real = Store("memory://renamed"), memory.mv

    def lose_the_answer(*args: object) -> None:
        monkeypatch.setattr(memory, "mv", real)
        real(*args)
        raise TimeoutError

    monkeypatch.setattr(memory, "mv", lose_the_answer)
    store.write("a", b"1")
    assert store.sizes() == {"a": 1}


def test_a_store_that_refuses_is_named_at_the_start(memory, monkeypatch):
    failing(monkeypatch, memory, "pipe_file", PermissionError(errno.EACCES, "Permission denied"))
    with pytest.raises(ValueError, match=r"memory://refused can't be written \(Permission denied\): .* another --out"):
        Store("memory://refused").check_writable()
