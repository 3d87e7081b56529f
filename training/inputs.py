"""What a run learns from and builds on: digests in RUN/inputs.json, so that it goes on with the same."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path

from underpaint.datagen.format.atomic import write_json
from underpaint.models.weights import add_weights
from underpaint.texts import parse_json
from underpaint.training.folder import PHASES, steps
from underpaint.training.loader import Data
from underpaint.training.phase import Phase

INPUTS_FILE = "inputs.json"

_log = logging.getLogger(__name__)


def corpus_digests(data: Data) -> dict[str, str]:
    """Return SHA-256 of each corpus by its folder, from the digests of its shards; nothing of a stream."""
    corpora = data.train.corpora if data.train is not None else ()
    return {
        f"corpus {corpus.folder}": hashlib.sha256("".join(corpus.sha256).encode()).hexdigest() for corpus in corpora
    }


def network_digest(phase: Phase) -> str:
    """Return SHA-256 of all weights that a phase builds on and doesn't train, rounded to float16.

    The float32 and the float16 file of a model are the same to a run. Takes 2 s for Stable Diffusion 1.5.
    """
    digest = hashlib.sha256()
    for network in (phase.model, *phase.frozen):
        add_weights(digest, {name: own for name, own in network.named_parameters() if not own.requires_grad})
    return digest.hexdigest()


def check_inputs(folder: Path, phase: str, found: Mapping[str, str]) -> None:
    """Compare what a phase is given with what the run was given before, and remember it, in one process of a run.

    Args:
        folder: of the run.
        phase: its name, for the message.
        found: digests by what they are of.

    Raises:
        ValueError: something has been exchanged since the run began; says what.
    """
    path = folder / INPUTS_FILE
    before = _read(path)
    if not has_learned(folder):
        # Nothing is lost yet, whatever has changed.
        before = {name: digest for name, digest in before.items() if name not in found}
    for name, digest in found.items():
        if before.get(name, digest) != digest:
            raise ValueError(
                f"the content of {name} has changed since the run in {folder} began: put back what it was, or take "
                "another --out"
            )
    new = found.keys() - before.keys()
    if new and steps(folder / "checkpoints", phase):
        _log.warning(
            "%s was begun by a version that kept no digests: nobody can tell whether the content of %s has changed",
            folder,
            ", ".join(sorted(new)),
        )
    if new:
        write_json(path, {**before, **found})


def has_learned(folder: Path) -> bool:
    """Return whether a run has a checkpoint, or a phase that is finished."""
    if (folder / "checkpoints").is_dir() and any((folder / "checkpoints").iterdir()):
        return True
    return any((folder / phase).is_dir() for phase in PHASES)


def _read(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        return {str(name): str(digest) for name, digest in parse_json(path.read_bytes()).items()}
    except (ValueError, AttributeError) as error:
        raise ValueError(f"{path} is damaged ({error}): delete it to go on without the check") from None
