"""The sidecars and the manifest of a corpus, in its folder or in its object store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.manifest import MANIFEST_FILE, Sums, manifest_record, summed
from underpaint.datagen.format.sidecar import Sidecar, parse_sidecar, sidecar_names
from underpaint.datagen.storage.store import Store, as_store, read_many


def read_sidecars(place: Store | Path | str, names: Iterable[str] | None = None) -> Iterator[Sidecar]:
    """Stream the sidecars of a corpus by shard number: all, or those named so, as `000000.json`.

    Raises:
        ValueError: a damaged sidecar; says which.
    """
    store = as_store(place)
    for name, data in read_many(store, sidecar_names(store.sizes()) if names is None else names):
        yield parse_sidecar(data, store.url(name))


def existing_sidecars(store: Store) -> list[str]:
    """List the names of a corpus' sidecars, by shard number.

    Raises:
        FileNotFoundError: there is none.
    """
    names = sidecar_names(store.sizes())
    if not names:
        raise FileNotFoundError(f"{store} holds no finished shard: no 000000.json in it")
    return names


def write_manifest(place: Store | Path | str, sidecars: Iterable[Sidecar] | None = None) -> Sums:
    """Derive `manifest.json` from the sidecars that are in a corpus now, or from those given, and write it atomically.

    Raises:
        ValueError: a damaged sidecar; says which.
    """
    store = as_store(place)
    sums = summed(read_sidecars(store) if sidecars is None else sidecars)
    store.write(MANIFEST_FILE, canonical_json(manifest_record(sums), indent=1))
    return sums
