"""What goes to the disk, and when: for tests of files that must survive a power cut."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def recorded_disk(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """A list that grows by (`sync`, content of the file), (`sync`, path of the folder) and (`rename`, new name)."""
    events: list[tuple[str, str]] = []
    fsync, replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        path = Path(f"/proc/self/fd/{descriptor}").resolve()
        events.append(("sync", str(path) if path.is_dir() else path.read_text()))
        fsync(descriptor)

    def rename(path: Path, target: Path) -> Path:
        events.append(("rename", target.name))
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)
    return events
