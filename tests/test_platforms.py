"""Windows and macOS, as far as they can be had here: without what only Linux or Unix has, everything still loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# Windows has none of these modules, functions and signals; of the functions macOS lacks the first.
WITHOUT = """
import os, signal, sys
sys.modules.update({name: None for name in ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog")})
for name in ("sched_getaffinity", "fork", "setsid", "getuid", "killpg"):
    delattr(os, name)
for name in ("SIGKILL", "SIGALRM"):
    delattr(signal, name)
"""
# What takes no torch, and no other extra, must be imported by name; numba is hidden behind one compiled cache.
LOADING = """
import importlib, pkgutil
import underpaint.commandline, underpaint.datagen, underpaint.renderers
for package in (underpaint.commandline, underpaint.datagen, underpaint.renderers):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
from underpaint.datagen.cli import COMMANDS, main as data
from underpaint.experiments.ablations.cli import main as ablations
from underpaint.experiments.learn.cli import main as learn
from underpaint.experiments.trials.cli import main as trials
from underpaint.pipelines.cli import main as paint
from underpaint.training.cli import main as train
stages, tasks = ("base", "motion", "replication", "artist"), ("text", "reconstruct", "complete", "evaluate", "app")
calls = [(main, []) for main in (data, paint, train, ablations, learn, trials)]
calls += [(data, [command.name]) for command in COMMANDS]
calls += [(train, [stage]) for stage in stages] + [(paint, [task]) for task in tasks]
for main, arguments in calls:
    try:
        main([*arguments, "--help"])
    except SystemExit as end:
        assert end.code == 0, (arguments, end.code)
for extra in ("torch", "av", "gradio", "pyarrow", "imagehash", "matplotlib"):
    assert extra not in sys.modules, extra
print(len(calls), "helped")
"""


def test_the_light_core_loads_and_helps_without_what_only_unix_has() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT + LOADING], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.endswith("helped\n")
