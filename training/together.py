"""What one process does for all: where it fails, all of them stop, rather than wait for it."""

from __future__ import annotations

from collections.abc import Callable

import torch
from accelerate import Accelerator


def any_process(accelerator: Accelerator, here: bool) -> bool:
    """Return whether something is so in any process; all of them have to ask."""
    if accelerator.num_processes == 1:
        return here
    return bool(accelerator.reduce(torch.tensor(float(here), device=accelerator.device)).item() > 0)


def first_alone(accelerator: Accelerator, work: Callable[[], object]) -> None:
    """Let the first process do some work, while the others wait; all processes have to ask for it.

    Raises:
        Exception: in the first process, what `work` raised. In the others an OSError that says so.
    """
    failure: Exception | None = None
    if accelerator.is_main_process:
        try:
            work()
        except Exception as error:  # whatever it is, the others mustn't wait for ever
            failure = error
    if any_process(accelerator, failure is not None):
        raise failure or OSError("the first process can't go on, and says why")
