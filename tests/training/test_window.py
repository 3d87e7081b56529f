from __future__ import annotations

import time

import torch
from accelerate import Accelerator

from underpaint.training.window import Window


def test_a_line_of_some_steps() -> None:
    window, accelerator = Window(), Accelerator(cpu=True)
    window.add(torch.tensor([1.0, 2.0]), torch.tensor([0.1, 0.9]), 2, 1)
    window.add(torch.tensor([6.0, 3.0]), torch.tensor([0.1, 0.9]), 2, 0)
    values = window.summary(accelerator)
    assert (values["loss"], values["loss/0.00-0.25"], values["loss/0.75-1.00"]) == (3.0, 3.5, 2.5)
    assert values["skipped"] == 1
    window.clear()
    assert window.everyone(accelerator) == ([], [])


def test_a_restored_window_gives_the_same_numbers() -> None:
    window, accelerator = Window(), Accelerator(cpu=True)
    window.add(torch.rand(5), torch.rand(5), 5, 0)
    again = Window()
    again.restore(window.state(accelerator), accelerator)
    assert again.everyone(accelerator) == window.everyone(accelerator)


def test_waiting_is_told_from_working_and_pauses_from_both() -> None:
    window, accelerator = Window(), Accelerator(cpu=True)

    def slow() -> object:
        time.sleep(0.05)
        return 1

    for _ in window.waiting(slow() for _ in range(2)):
        time.sleep(0.05)
    with window.paused():
        time.sleep(0.3)
    window.add(torch.ones(1), torch.zeros(1), 1, 0)
    values = window.summary(accelerator)
    assert 0.1 <= window.waited < 0.3
    assert values["waiting_for_data"] > 0.2
