"""Seeds and draws that depend on what is painted, never on who paints it or when.

The hash here is not that of `format.draws`: every sample of every corpus has its seed from this one, which puts the
length of each part before it, and training's runs go on by that one, which puts a zero between them. Neither can take
the other's place without changing what it has given so far; what is new should use `format.draws`.
"""

from __future__ import annotations

from hashlib import blake2b


def sample_seed(run_seed: int, source: str, renderer: str) -> int:
    """Return the seed of a sample, 0..2**32-1: a stable hash of the run's seed, the picture's name and the renderer.

    The same on every machine and in every Python, whatever the number of workers, their order or their
    retries. Distinct pictures may share a seed; that is harmless.
    """
    return _hash(4, str(run_seed), source, renderer)


def renderers_of(source: str, renderers: tuple[str, ...], *, mix: bool, run_seed: int) -> tuple[str, ...]:
    """Return the renderers of a job that paint the picture called `source`: all of them, or with `mix` a single one.

    That one is drawn evenly by a stable hash of the run's seed and the picture's name. It doesn't depend on the other
    pictures of the source, nor on the picture's place among them.
    """
    if not mix:
        return renderers
    # "mix" keeps the draw apart from all seeds, and with 8 bytes the remainder is even for any number of renderers.
    return (renderers[_hash(8, "mix", str(run_seed), source) % len(renderers)],)


def _hash(size: int, *parts: str) -> int:
    digest = blake2b(digest_size=size)
    for part in parts:
        feed(digest, part)
    return int.from_bytes(digest.digest(), "little")


def feed(digest: blake2b, text: str) -> None:
    """Hash `text` so that ("ab", "c") and ("a", "bc") differ.

    File names that aren't UTF-8 come from the system with surrogates; they hash as their bytes.
    """
    data = text.encode("utf-8", "surrogateescape")
    digest.update(len(data).to_bytes(8, "little"))
    digest.update(data)
