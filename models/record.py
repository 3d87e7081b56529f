"""What an adapter was trained for, written beside its weights and into their header, and checked when it is loaded."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from underpaint import __version__
from underpaint.models.noise import NoiseSchedule
from underpaint.texts import parse_json, printable

RECORD_FILE = "underpaint.json"
HEADER_KEY = "underpaint"
KINDS = ("motion", "replication", "spatial", "temporal")
# Published motion modules don't say so, but were all trained with AnimateDiff's betas.
_PUBLISHED_BETAS = "linear"

_logger = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Record:
    """Where an adapter comes from and what it fits.

    Attributes:
        kind: one of KINDS.
        stage: the stage of training that made it: `base`, `motion`, `replication` or `artist`.
        base: `fingerprint` of the UNet it was trained on.
        architecture: `architecture` of that UNet; empty in older records.
        noise: the schedule it was trained with.
        frames: frames of its sequences; 1 for what saw single pictures.
        size: side of its frames in pixels.
        recipe: settings of the training, JSON values, for people to read.
        version: of this package.
    """

    kind: str
    stage: str
    base: str
    noise: NoiseSchedule
    frames: int
    size: int
    architecture: str = ""
    recipe: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    version: str = dataclasses.field(default=__version__)

    def __post_init__(self) -> None:
        """Only our own code makes records."""
        assert self.kind in KINDS, self.kind

    def to_json(self) -> str:
        """One line of ASCII JSON, keys sorted: equal records are equal bytes."""
        return json.dumps(dataclasses.asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str, where: str) -> Record:
        """Read `to_json` back.

        Raises:
            ValueError: not a record; `where` says in the message what was read.
        """
        try:
            content = parse_json(text)
            _check_types(content)
            return cls(**{**content, "noise": NoiseSchedule(**content["noise"])})
        except (ValueError, TypeError, KeyError) as error:
            reason = printable(str(error))
            raise ValueError(f"{where} holds no readable training record ({reason}); save the adapter again") from error


def _check_types(content: Any) -> None:
    """Raise ValueError unless the values of a record, which come from a file, are what they should be."""
    if not isinstance(content, dict):
        raise ValueError(f"it is a {type(content).__name__}, not keys and values")
    content.setdefault("architecture", "")
    kinds = {"stage": str, "base": str, "architecture": str, "frames": int, "size": int, "noise": dict}
    for key, kind in kinds.items():
        if not isinstance(content[key], kind) or isinstance(content[key], bool):
            raise ValueError(f"its {key} is {content[key]!r}")
    if content["kind"] not in KINDS or min(content["frames"], content["size"]) < 1:
        raise ValueError(f"its kind is {content['kind']!r}, frames {content['frames']}, size {content['size']}")
    if not isinstance(content.get("recipe", {}), dict):
        raise ValueError(f"its recipe is a {type(content['recipe']).__name__}")


def write_record(folder: Path, record: Record) -> None:
    """Write `underpaint.json` into an adapter's folder."""
    content = json.dumps(json.loads(record.to_json()), indent=2, sort_keys=True)
    (folder / RECORD_FILE).write_text(content + "\n", encoding="ascii")


def read_record(folder: Path) -> Record | None:
    """The record of an adapter's folder; None when it has none, as those made elsewhere.

    Raises:
        ValueError: a damaged one.
    """
    path = folder / RECORD_FILE
    if not path.is_file():
        return None
    return Record.from_json(path.read_text(encoding="utf-8", errors="replace"), str(path))


def check_record(
    record: Record, *, kind: str, base: str, architecture: str, noise: NoiseSchedule, where: str, betas: bool = True
) -> None:
    """Raise ValueError unless an adapter fits the base and the noise schedule it is to be used with.

    Any base of the architecture that it was trained on will do; another one than its own is only told.

    Args:
        record: the adapter's.
        kind: what it must be, one of KINDS.
        base: `fingerprint` of the UNet in use.
        architecture: `architecture` of the UNet in use.
        noise: the schedule in use.
        where: the adapter's folder or file, for the message.
        betas: whether it only works with the betas it was trained with; a LoRA works with others, too.
    """
    if record.kind != kind:
        raise ValueError(f"{where} is a {record.kind} adapter, a {kind} one is needed")
    if record.architecture and record.architecture != architecture:
        raise ValueError(
            f"{where} was trained on a base of another architecture, {record.architecture}; the base in use is of "
            f"{architecture}: load the base it was trained on, or one like it"
        )
    if record.noise.prediction != noise.prediction:
        raise ValueError(
            f"{where} was trained with prediction {record.noise.prediction!r}, the one in use is {noise.prediction!r}"
        )
    if betas and record.noise != noise:
        raise ValueError(
            f"{where} was trained with the beta schedule {record.noise.describe()}, the one in use is "
            f"{noise.describe()}; use the same for both"
        )
    if record.base != base:
        _logger.info("%s was trained on base %s; the base in use, %s, is another of its kind", where, record.base, base)


def noise_beside(record: Record | None, base: NoiseSchedule, where: str, *, given: bool) -> NoiseSchedule:
    """Return the noise schedule to use a motion module with: its own, or AnimateDiff's betas if it says nothing.

    Args:
        record: the module's; None if it was made elsewhere.
        base: the schedule of the base.
        where: the module's folder, file or hub id, for the message.
        given: whether betas are given anyway, so that nothing need be said.
    """
    if record:
        return record.noise
    if not given:
        _logger.info(
            "%s doesn't say which noise schedule it was trained with: %s betas are taken, as AnimateDiff's; give "
            "--beta-schedule for others",
            *(where, _PUBLISHED_BETAS),
        )
    return dataclasses.replace(base, beta_schedule=_PUBLISHED_BETAS)
