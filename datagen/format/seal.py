"""A sidecar's own checksum: what protects every shard is itself protected."""

from __future__ import annotations

import hashlib
from typing import Any

from underpaint.datagen.format.atomic import canonical_json
from underpaint.texts import parse_json

CHECKSUM = "checksum"
# What the sidecars of corpora from before there was a checksum hold. Anything else in a sidecar without one is the
# damaged name of something that it had, most likely of the checksum.
UNSEALED_KEYS = frozenset(
    {"format", "fingerprint", "shard", "first", "last", "count", "bytes", "sha256"}
    | {"samples", "failures", "seconds", "versions"}
)


def sealed(record: dict[str, Any]) -> dict[str, Any]:
    """Return a sidecar's content with its `checksum`: the SHA-256, in hex, of all the rest as canonical JSON.

    Raises:
        ValueError: NaN or infinity, which JSON doesn't have.
    """
    content = {name: value for name, value in record.items() if name != CHECKSUM}
    return content | {CHECKSUM: hashlib.sha256(canonical_json(content)).hexdigest()}


def sealed_bytes(record: dict[str, Any]) -> bytes:
    """Return what stands in the file of a sidecar: its content, with its checksum, as canonical and indented JSON."""
    return canonical_json(sealed(record), indent=1)


def seal_fault(data: bytes) -> str | None:
    """Return what is wrong with the bytes of a sidecar; None if they are, to the last one, those that were written.

    Of corpora from before there was a checksum, only the names of the keys can be checked.
    """
    try:
        record = parse_json(data)
        if not isinstance(record, dict):
            return "is not an object"
        if CHECKSUM not in record:
            unknown = sorted(record.keys() - UNSEALED_KEYS)
            return f"has no {CHECKSUM}, and keys that none has: {', '.join(unknown)}" if unknown else None
        if record[CHECKSUM] != sealed(record)[CHECKSUM]:
            return f"its content doesn't have the {CHECKSUM} {record[CHECKSUM]}"
        # Damage that changes no value, such as another blank, would change none of the checksum either.
        return None if data == sealed_bytes(record) else "is not written as it was: blanks, order or escapes differ"
    except ValueError as error:
        return f"is not JSON: {error}"
