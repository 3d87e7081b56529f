"""Ray, started or joined: what a shard takes of a machine, and what workers need to know."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import underpaint
from underpaint import renderers
from underpaint.datagen.config import parse_resources
from underpaint.datagen.jobs.pool import cores
from underpaint.datagen.jobs.portion import Workplace
from underpaint.renderers.target import PORTABLE

logger = logging.getLogger(__name__)

# Kernels and libraries must not start threads of their own: there is one worker per core already.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
# No system takes more than 103 bytes for a socket's path; Ray makes session_DATE_TIME_PID/sockets/plasma_store of it.
LONGEST_FOLDER = 103 - len("/session_2026-01-01_00-00-00_000000_4194304/sockets/plasma_store")
# For its logs and ports; with less, it waits for them in vain.
LEAST_FREE = 32 << 20
# Where there is room for sockets if not in Ray's own choice.
_SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")

# What Ray calls the resources that it has keywords for.
_KEYWORDS = {"CPU": "num_cpus", "GPU": "num_gpus", "memory": "memory"}


@contextmanager
def ray_session(config: Workplace) -> Iterator[Any]:
    """Start or join Ray quietly, and leave it as it was found.

    Raises:
        ConnectionError: no cluster at the config's `address`.
        ValueError: no folder for Ray's sockets, or whatever else keeps it from starting.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")  # and so no warning about it
    import ray  # takes a second, and only writing a corpus needs it

    if ray.is_initialized():
        yield ray
        return
    address = config.address
    on_sigterm = signal.getsignal(signal.SIGTERM)
    logger.info("joining the Ray cluster" if address else "starting Ray, which takes some seconds")
    joined = {} if address else _started_here(config)
    try:
        ray.init(
            address=address or "local",
            runtime_env=runtime_environment(ship_code=config.ship_code),
            logging_level=logging.ERROR,
            log_to_driver=False,
            **joined,
        )
    except ConnectionError:
        raise
    except Exception as error:  # whatever is wrong with a machine, in words of any kind
        raise ValueError(f"Ray doesn't start: {' '.join(str(error).split())}: see to it, or use --workers 0") from error
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_sigterm)  # Ray puts its own there, which ends the process with a dump
    try:
        yield ray
    finally:
        ray.shutdown()


def _started_here(config: Workplace) -> dict[str, Any]:
    return {
        "num_cpus": config.workers or cores(),
        "include_dashboard": False,
        # The least that Ray allows: what goes through it are a few hundred bytes per shard.
        "object_store_memory": 80 * 1024**2,
        "_temp_dir": sockets_folder(),
    }


def sockets_folder() -> str | None:
    """Return a folder for what Ray writes, where its own choice, in TMPDIR, can't be used; None where it can.

    Raises:
        ValueError: there is none.
    """
    if os.name == "nt":
        return None
    chosen = Path(os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp")
    if _has_room(chosen / "ray"):
        return None
    shorter = (Path(folder) / f"ray-{os.getuid()}" for folder in _SHORT_FOLDERS)
    found = next(filter(_has_room, shorter), None)
    if found is None:
        raise ValueError(
            f"Ray can't use {chosen} for its sockets, nor {', '.join(_SHORT_FOLDERS)}: set RAY_TMPDIR to a folder that "
            f"can be written, with a path of at most {LONGEST_FOLDER - len('/ray')} bytes and "
            f"{LEAST_FREE >> 20} MiB free, or use --workers 0"
        )
    return str(found)


def _has_room(folder: Path) -> bool:
    """Return whether a folder is there or can be made, can be written, and leaves sockets enough of a name."""
    there = folder if folder.exists() else folder.parent
    if not folder.is_absolute() or len(os.fsencode(folder)) > LONGEST_FOLDER or not there.is_dir():
        return False
    return os.access(there, os.W_OK | os.X_OK) and shutil.disk_usage(there).free >= LEAST_FREE


def runtime_environment(*, ship_code: bool, networks: bool = False) -> dict[str, Any]:
    """Return Ray's `runtime_env`: one thread a worker, kernels as portable as here, our code if it is shipped.

    Args:
        ship_code: whether workers get the package `underpaint` as it is here.
        networks: whether the weights of the built-in networks go along, which are ten times as large as the code.
    """
    variables = ONE_THREAD | {PORTABLE: "1"} if renderers.is_portable() else ONE_THREAD
    if not ship_code:
        return {"env_vars": variables}
    package = str(Path(underpaint.__file__).parent)
    # Compiled kernels are each machine's own.
    left_out = ["__pycache__"] if networks else ["__pycache__", "*.safetensors"]
    return {"env_vars": variables, "py_modules": [package], "excludes": left_out}


def shard_needs(config: Workplace) -> dict[str, float]:
    """Return what a shard takes of a machine: one core, and what the config says."""
    return {"CPU": 1.0} | parse_resources(config.resources)


def remote_options(needs: dict[str, float]) -> dict[str, Any]:
    """Return the keywords of `ray.remote` for these needs."""
    known: dict[str, Any] = {_KEYWORDS[name]: amount for name, amount in needs.items() if name in _KEYWORDS}
    if "memory" in known:
        known["memory"] = int(known["memory"])
    return known | {"resources": {name: amount for name, amount in needs.items() if name not in _KEYWORDS}}


def slots(ray: Any, needs: dict[str, float]) -> int:
    """Return how many shards the machines that are there now can work on at once."""
    there = ray.cluster_resources()
    return int(min((there.get(name, 0.0) / amount for name, amount in needs.items() if amount), default=1.0))


def check_needs(ray: Any, needs: dict[str, float], config: Workplace) -> None:
    """See whether any machine may have what a shard takes; a cluster may yet grow, and so gets a remark.

    Raises:
        ValueError: this machine hasn't got it.
    """
    if slots(ray, needs) > 0:
        return
    asked = ", ".join(f"{name}={amount:g}" for name, amount in needs.items())
    there = ", ".join(f"{name}={ray.cluster_resources().get(name, 0.0):g}" for name in needs)
    if config.address is None:
        raise ValueError(f"a shard takes {asked}, but this machine has {there}: ask for less in resources")
    logger.warning("a shard takes %s, the cluster has %s: waiting for it to grow", asked, there)
