"""Command lines that must not load what takes seconds to import."""

from __future__ import annotations

import subprocess
import sys


def run_without(modules: set[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `underpaint` in a process of its own, which fails with a traceback if it loads one of the modules."""
    script = (
        "import sys; from underpaint.pipelines.cli import main\n"
        f"try: status = main({list(arguments)!r})\n"
        "except SystemExit as end: status = end.code\n"
        f"assert not {modules!r} & set(sys.modules)\n"
        "sys.exit(status)"
    )
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
