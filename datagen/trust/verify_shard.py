"""Is one shard what its sidecar and the corpus' plan say, with every painting of its pictures, once each?"""

from __future__ import annotations

import hashlib
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from underpaint.datagen.corpus import CorpusSample
from underpaint.datagen.format.seal import seal_fault
from underpaint.datagen.format.sidecar import Sidecar, parse_sidecar
from underpaint.datagen.jobs.plan import Part
from underpaint.datagen.storage.store import Store
from underpaint.datagen.trust.verify_sample import sample_faults

CHUNK = 1 << 20
Finding = tuple[str, str]  # (kind, detail)
# The names of the renderers that are to paint a picture, by the picture's name.
MediaOf = Callable[[str], tuple[str, ...]]
# Whether a picture, by its name, belongs to a corpus that was split.
Has = Callable[[str], bool]
_NOBODY = "no renderer"


@dataclass(frozen=True)
class Fault:
    """Something that is wrong; `shard` and `key` are empty where it concerns the whole corpus or shard."""

    shard: str
    key: str
    kind: str
    detail: str

    def __str__(self) -> str:
        place = "/".join(part for part in (self.shard, self.key) if part) or "corpus"
        return f"{place}: {self.kind}: {self.detail}"


@dataclass(frozen=True, kw_only=True)
class ShardCheck:
    """What is to be checked of a shard that has a sidecar; small, so that it travels well.

    Args:
        store: where the corpus is.
        shard: its name, such as `000000`.
        part: the part of the plan that the shard belongs to; None without a plan.
        size: bytes of its tar, as the store lists them; None if there is no tar.
        read: whether to read the tar; False checks only the sidecar.
        replay: whether to decode and paint the samples again.
    """

    store: Store
    shard: str
    part: Part | None
    size: int | None
    read: bool = True
    replay: bool = True


@dataclass(frozen=True)
class Checked:
    """A shard, its sidecar, None if that can't be read, and everything that is wrong with it."""

    shard: str
    sidecar: Sidecar | None
    faults: list[Fault]


def check_shard(check: ShardCheck) -> Checked:
    """Check one shard; whatever is broken becomes a fault."""
    try:
        data = check.store.read(f"{check.shard}.json")
        sealed = seal_fault(data)
        faults = [] if sealed is None else [Fault(check.shard, "", "sidecar", sealed)]
        sidecar = parse_sidecar(data, check.store.url(f"{check.shard}.json"))
    except (ValueError, OSError, RecursionError) as error:
        return Checked(check.shard, None, [Fault(check.shard, "", "sidecar", str(error))])
    faults += (Fault(check.shard, "", kind, detail) for kind, detail in _sidecar_faults(check, sidecar))
    try:
        faults += _tar_faults(check, sidecar)
    except OSError as error:
        faults.append(Fault(check.shard, "", "tar", f"can't be read: {error}"))
    return Checked(check.shard, sidecar, faults)


def _sidecar_faults(check: ShardCheck, sidecar: Sidecar) -> Iterator[Finding]:
    part = check.part
    if sidecar.shard != check.shard:
        yield "sidecar", f"is the sidecar of shard {sidecar.shard}"
    if part is not None:
        if sidecar.fingerprint != part.fingerprint:
            yield "fingerprint", "made by another job than job.json tells of"
        first, last = part.pictures_of(int(check.shard))
        if (sidecar.first, sidecar.last) != (first, last):
            yield "count", f"made of pictures {sidecar.first} to {sidecar.last} instead of {first} to {last}"
    yield from account_faults(
        sidecar, part.media_of if part else None, part.has if part and not part.is_whole else None
    )
    for key, times in Counter(entry.key for entry in sidecar.samples).items():
        if times > 1:
            yield "key", f"{key} is there {times} times"


def account_faults(sidecar: Sidecar, media_of: MediaOf | None, has: Has | None = None) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the samples and failures that a sidecar lists, as (kind, detail).

    Each picture of the shard has, for each of its renderers, either a sample or a failure; or, if it couldn't be used
    at all, a single failure of no renderer. Without `media_of` (there is no job.json) any renderers will do. With `has`
    (one side of a split) the pictures are those that it accepts; how many these are, a sidecar doesn't tell.
    """
    if sidecar.count != len(sidecar.samples):
        yield "count", f"says {sidecar.count} samples and lists {len(sidecar.samples)}"
    painters: defaultdict[int, list[str]] = defaultdict(list)
    sources: dict[int, str] = {}
    for entry in sidecar.samples:
        try:
            index = entry.index
        except ValueError:
            yield "key", f"{entry.key!r} doesn't begin with the number of a picture"
            continue
        if not entry.key.endswith(f"-{entry.renderer}"):
            yield "key", f"{entry.key} doesn't end with its renderer {entry.renderer}"
        painters[index].append(entry.renderer)
        sources[index] = entry.source
    for failure in sidecar.failures:
        painters[failure.index].append(failure.renderer or _NOBODY)
        sources[failure.index] = failure.source
    pictures = sidecar.last - sidecar.first + 1
    inside = all(sidecar.first <= index <= sidecar.last for index in painters)
    if not inside or (has is None and len(painters) != pictures):
        yield "count", f"samples and failures are of {len(painters)} pictures, not of the {pictures} of the shard"
    for index, source in sorted(sources.items() if has else ()):
        if has and not has(source):
            yield "side", f"picture {index} ({source}) is on the other side of the split"
    for index, found in sorted(painters.items()):
        wanted = media_of(sources[index]) if media_of else tuple(set(found))
        if found != [_NOBODY] and sorted(found) != sorted(wanted):
            listed = f"{', '.join(sorted(found))} instead of {', '.join(sorted(wanted))}"
            yield "renderers", f"picture {index} ({sources[index]}) has samples or failures of {listed}"


def _tar_faults(check: ShardCheck, sidecar: Sidecar) -> Iterator[Fault]:
    name = f"{check.shard}.tar"
    if check.size is None:
        yield Fault(check.shard, "", "missing-tar", f"no {name}")
        return
    if check.size != sidecar.bytes:
        yield Fault(check.shard, "", "size", f"{name} has {check.size} bytes, {sidecar.bytes} are expected")
    if not check.read:
        return
    with _at_hand(check.store, name) as (store, digest):
        if digest != sidecar.sha256:
            yield Fault(check.shard, "", "checksum", f"SHA-256 of {name} is {digest}, {sidecar.sha256} is expected")
        assert store.local is not None
        for kind, detail in _members(store.local / name, sidecar):
            yield Fault(check.shard, "", kind, detail)
        for entry in sidecar.samples if check.replay else ():
            config = check.part.config if check.part else {}
            for kind, detail in sample_faults(CorpusSample(store, check.shard, entry), config):
                yield Fault(check.shard, entry.key, kind, detail)


@contextmanager
def _at_hand(store: Store, name: str) -> Iterator[tuple[Store, str]]:
    """Provide a local folder with the file, fetched once if it is remote, and the file's SHA-256."""
    if store.local is not None:
        with store.open(name) as file:
            digest = _hashed(file, lambda chunk: None)
        yield store, digest
        return
    with tempfile.TemporaryDirectory(prefix="underpaint-verify-") as folder:
        with store.open(name) as file, (Path(folder) / name).open("wb") as copy:
            digest = _hashed(file, copy.write)
        yield Store(folder), digest


def _hashed(file: IO[bytes], pass_on: Callable[[bytes], object]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        pass_on(chunk)
    return digest.hexdigest()


def _members(tar: Path, sidecar: Sidecar) -> Iterator[Finding]:
    """Compare what is in the tar, and where, with what the sidecar says."""
    listed = {
        f"{entry.key}.{extension}": place for entry in sidecar.samples for extension, place in entry.members.items()
    }
    found: dict[str, tuple[int, int]] = {}
    try:
        with tarfile.open(tar, "r:") as archive:
            for member in archive:
                if member.name in found:
                    yield "member", f"{member.name} is there twice"
                found[member.name] = (member.offset_data, member.size)
    except (tarfile.TarError, OSError, ValueError) as error:
        yield "tar", f"{tar.name} can't be read to its end: {error}"
    for name in sorted(listed.keys() - found.keys()):
        yield "member", f"{name} is not in the tar"
    for name in sorted(found.keys() - listed.keys()):
        yield "member", f"{name} is in the tar, but not in the sidecar"
    for name in sorted(listed.keys() & found.keys()):
        if listed[name] != found[name]:
            yield "offset", f"{name} lies at {found[name]}, not at {listed[name]} (offset, bytes)"
