"""Running the commands of a chain: their words go to a file, and what they leave unfinished is ended."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import Timeout

from underpaint.experiments.program import CommandFailed
from underpaint.locks import lock_at

_PATIENCE = 120.0  # seconds in which a command that is to stop saves what it has
_LAST_LINES = 15


class Runner:
    """Runs commands one after the other.

    Args:
        logs: folder for what they say, PART.log each; it is added to.
        lock: descriptor that they keep open, so that a chain that dies leaves its folder locked until they end, too;
            None where processes don't inherit descriptors.
    """

    def __init__(self, logs: Path, lock: int | None) -> None:
        self.logs, self._lock = logs, lock
        logs.mkdir(parents=True, exist_ok=True)

    def run(self, part: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Run a command to its end; whatever ends us meanwhile ends it too, once it has saved what it has.

        Args:
            part: of the chain, whose log it is.
            command: and its arguments.
            environment: variables beside ours.

        Raises:
            CommandFailed: its status isn't 0; the message holds its last lines and the file with all of them.
        """
        log = self.logs / f"{part}.log"
        with log.open("ab") as file:
            file.write(f"$ {' '.join(command)}\n".encode())
            file.flush()
            # A group of its own: Ctrl-C would otherwise reach processes that are to be told once, by us.
            process = subprocess.Popen(
                command,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=os.environ | dict(environment or {}),
                start_new_session=True,
                pass_fds=() if self._lock is None else (self._lock,),
            )
            try:
                status = process.wait()
            finally:
                if process.poll() is None:
                    process.terminate()
                    try:
                        process.wait(_PATIENCE)
                    except subprocess.TimeoutExpired:
                        process.kill()
        if status:
            raise CommandFailed(f"{part} ended with status {status}; the last lines of {log}:\n{_last_lines(log)}")


def _last_lines(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-_LAST_LINES:])


@contextmanager
def only_one(folder: Path) -> Iterator[int | None]:
    """Hold a folder, and yield the descriptor that holds it: whoever inherits it holds the folder as well.

    On Windows nobody inherits it, and None is yielded.

    Raises:
        ValueError: another chain is at work in it, or a command that one left behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = lock_at(folder / ".lock")
    try:
        with lock.acquire(blocking=False):
            # There is no public name for it.
            yield lock._context.lock_file_fd if os.name == "posix" else None
    except Timeout:
        raise ValueError(
            f"{folder} is in use by another run, or by a command that a killed one left behind: wait for it, end "
            "it, or use another --out"
        ) from None
