"""Seeds that depend on what is painted, never on who paints it or when."""

from __future__ import annotations

from hashlib import blake2b


def sample_seed(run_seed: int, source: str, renderer: str) -> int:
    """Seed of one sample in 0..2**32-1, a stable hash of the run's seed, the picture's name and the renderer.

    The same on every machine and in every Python, whatever the number of workers, their order or their
    retries. Distinct pictures may share a seed; that is harmless.
    """
    digest = blake2b(digest_size=4)
    for part in (str(run_seed), source, renderer):
        feed(digest, part)
    return int.from_bytes(digest.digest(), "little")


def feed(digest: blake2b, text: str) -> None:
    """Hash `text` so that ("ab", "c") and ("a", "bc") differ.

    File names that aren't UTF-8 come from the system with surrogates; they hash as their bytes.
    """
    data = text.encode("utf-8", "surrogateescape")
    digest.update(len(data).to_bytes(8, "little"))
    digest.update(data)
