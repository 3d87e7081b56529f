import json

from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.seal import CHECKSUM, UNSEALED_KEYS, seal_fault, sealed, sealed_bytes

RECORD = {
    "format": 1,
    "count": 1,
    "samples": [{"key": "00000000-größe-bezier", "psnr": 20.5, "members": {"webp": [512, 1000]}}],
    "seconds": {"paint": 0.25},
    "versions": {"python": "3.11.7"},
}
SEALED = sealed_bytes(RECORD)


def test_what_was_written_is_whole():
    assert seal_fault(SEALED) is None
    assert json.loads(SEALED) == sealed(RECORD)
    assert sealed(sealed(RECORD)) == sealed(RECORD)


@settings(max_examples=200)
@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_found(position, change):
    damaged = bytearray(SEALED)
    damaged[position] ^= change
    assert seal_fault(bytes(damaged))


@given(st.integers(0, len(SEALED) - 1))
def test_a_missing_end_is_found(length):
    assert seal_fault(SEALED[:length])


@given(st.integers(0, len(SEALED)), st.binary(min_size=1, max_size=5))
def test_more_bytes_anywhere_are_found(position, more):
    changed = SEALED[:position] + more + SEALED[position:]
    assert (seal_fault(changed) is None) == (changed == SEALED)


def test_other_blanks_are_found():
    assert "blanks" in str(seal_fault(canonical_json(sealed(RECORD))))


def test_an_older_sidecar_has_none_and_nothing_that_looks_like_a_damaged_one():
    older = dict.fromkeys(UNSEALED_KEYS, 1)
    assert seal_fault(json.dumps(older).encode()) is None
    assert "chfcksum" in str(seal_fault(json.dumps(older | {"chfcksum": "0"}).encode()))


def test_no_sidecar_at_all():
    for data in (b"", b"[]", b"\xff", b'{"checksum": 1e999}', b"[" * 100_000, b'{"checksum": NaN}'):
        assert seal_fault(data), CHECKSUM
