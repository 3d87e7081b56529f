from __future__ import annotations

import os
import signal

import pytest
from accelerate import Accelerator

from underpaint.training.stopping import Stopping


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_noted_and_handlers_are_put_back(number: signal.Signals) -> None:
    before, accelerator = signal.getsignal(number), Accelerator(cpu=True)
    with Stopping() as stopping:
        assert not stopping.wanted(accelerator)
        os.kill(os.getpid(), number)
        assert stopping.wanted(accelerator)
    assert signal.getsignal(number) == before


def test_a_second_signal_isn_t_held_up() -> None:
    with Stopping():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
