import pytest

from underpaint.renderers.vision.devices import check_device, chosen_device, threads


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:1"])
def test_devices_that_there_are(name: str) -> None:
    check_device(name)


@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "cpu:0"])
def test_others_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="use auto, cpu, cuda or cuda:1"):
        check_device(name)


def test_auto_is_what_is_there() -> None:
    assert chosen_device("auto", has_cuda=True, finder="torch") == "cuda"
    assert chosen_device("auto", has_cuda=False, finder="torch") == "cpu"
    assert chosen_device("cuda:1", has_cuda=True, finder="torch") == "cuda:1"
    with pytest.raises(ValueError, match=r"device is 'cuda', but torch finds no CUDA device"):
        chosen_device("cuda", has_cuda=False, finder="torch")


def test_a_worker_leaves_the_cores_to_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert threads() == 1
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert threads() == 0
