"""One run of `underpaint-train`, with nano's recipe and what a comparison changes in it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from underpaint.datagen.format.atomic import atomic_folder
from underpaint.experiments.commands import stage_arguments
from underpaint.experiments.program import CommandFailed
from underpaint.training.cli import OK, main


@dataclass(frozen=True, kw_only=True)
class Run:
    """A training.

    Attributes:
        stage: `base`, `motion` or `artist`.
        out: its folder.
        options: of the command, by name, in place of the recipe's.
        autoencoder: of a base, the one that it takes rather than train its own.
    """

    stage: str
    out: Path
    options: dict[str, Any] = field(default_factory=dict)
    autoencoder: Path | None = None

    def command(self) -> list[str]:
        """Arguments of `underpaint-train`."""
        return stage_arguments(self.stage, {"out": self.out, **self.options})

    def train(self) -> None:
        """Train, or go on; a finished run is left as it is.

        Raises:
            CommandFailed: it was stopped, or has failed; what it wrote to stderr says why.
        """
        if self.autoencoder is not None and not (self.out / "autoencoder").is_dir():
            # A phase whose result is there counts as finished.
            with atomic_folder(self.out / "autoencoder") as folder:
                shutil.copytree(self.autoencoder, folder, dirs_exist_ok=True)
        status = main(self.command())
        if status != OK:
            raise CommandFailed(f"`underpaint-train {' '.join(self.command())}` ended with {status}")
