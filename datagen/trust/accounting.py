"""Does a sidecar account for every painting of its pictures, once each?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from underpaint.datagen.format.sidecar import Sidecar

# The names of the renderers that are to paint a picture, by the picture's name.
MediaOf = Callable[[str], tuple[str, ...]]
# Whether a picture, by its name, belongs to a corpus that was split.
Has = Callable[[str], bool]
_NOBODY = "no renderer"


def account_faults(sidecar: Sidecar, media_of: MediaOf | None, has: Has | None = None) -> Iterator[tuple[str, str]]:
    """What is wrong with the samples and failures that a sidecar lists, as (kind, detail).

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
