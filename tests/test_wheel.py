"""A wheel, unpacked into a folder of its own, beside a user's folders that are called as ours are."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from underpaint.commandline.recipes import recipe_names

ROOT = Path(__file__).parents[1]
FOREIGN = ("models/__init__.py", "training.py", "datagen/__init__.py", "renderers/__init__.py", "pipelines/__init__.py")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("setuptools", minversion="68")
    folder = tmp_path_factory.mktemp("wheel")
    # From a copy, since setuptools leaves build/ and egg-info beside the sources.
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    if not files:
        pytest.skip("no git, which knows the files that belong to the project")
    copy = folder / "copy"
    for name in filter(None, files.split("\0")):
        source, path = ROOT / name, copy / name
        if source.exists() and not name.startswith(("tests/", "docs/")):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(source.readlink()) if source.is_symlink() else path.write_bytes(source.read_bytes())
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "-w", str(folder), "."]
    subprocess.run([*pip, *build], cwd=copy, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def place(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder whose own packages must not be imported, and `target`, where the wheel is installed."""
    folder = tmp_path_factory.mktemp("place")
    for name in FOREIGN:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("raise RuntimeError('this is the user\\'s own')\n")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-deps"]
    subprocess.run([*pip, "--target", str(folder / "target"), str(wheel)], check=True, capture_output=True)
    return folder


def run(place: Path, *command: str) -> str:
    path = os.pathsep.join([".", str(place / "target")])
    # A picture so small is painted as fast without compiled kernels, which the wheel's folder doesn't have.
    environment = os.environ | {"PYTHONPATH": path, "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_it_holds_one_name_and_everything_under_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        top_level = next(name for name in names if name.endswith("top_level.txt"))
        assert archive.read(top_level).decode().split() == ["underpaint"]
    own = {name for name in names if ".dist-info/" not in name}
    assert all(name.startswith("underpaint/") for name in own)
    packages = ("commandline", "renderers", "datagen", "models", "training", "pipelines", "experiments")
    code = {path.relative_to(ROOT) for package in packages for path in (ROOT / package).rglob("*.py")}
    assert {f"underpaint/{path.as_posix()}" for path in code} <= own
    assert {f"underpaint/configs/{recipe}.yaml" for recipe in recipe_names()} <= own
    data = ["py.typed", "datagen/report/report.html", "datagen/report/style.css", "datagen/report/serve.js"]
    data += ["experiments/learn/page.md.j2", "pipelines/nano/motion/diffusion_pytorch_model.safetensors"]
    data += ["models/sd15/tokenizer/vocab.json", "models/sd15/unet/config.json"]
    data += ["pipelines/nano/base/unet/diffusion_pytorch_model.safetensors", "pipelines/nano/base/model_index.json"]
    assert {f"underpaint/{name}" for name in data} <= own
    assert not {name for name in own if "/tests/" in name}


def test_foreign_packages_stay_outside(place: Path) -> None:
    pytest.importorskip("diffusers")
    code = "import underpaint.pipelines.pipeline as p; print(p.__file__)"
    assert run(place, sys.executable, "-c", code).strip().startswith(str(place / "target"))


@pytest.mark.parametrize("command", ["underpaint", "underpaint-data", "underpaint-train"])
def test_console_scripts_help(place: Path, command: str) -> None:
    assert "usage:" in run(place, sys.executable, str(place / "target" / "bin" / command), "--help")


def test_modules_help_and_recipes_are_found(place: Path) -> None:
    assert "--config" in run(place, sys.executable, "-m", "underpaint.training", "base", "--help")
    assert "--minutes" in run(place, sys.executable, "-m", "underpaint.learn", "--help")
    printed = run(
        place, sys.executable, "-m", "underpaint.training", "base", "--config", "nano-base", "--corpus", "c", "--out",
        "o", "--print_config",
    )  # fmt: skip
    assert "autoencoder_steps: 4000" in printed


def test_it_generates(place: Path) -> None:
    (place / "pictures").mkdir()
    for number, mode in enumerate((Image.linear_gradient, Image.radial_gradient)):
        mode("L").resize((16, 16)).save(place / "pictures" / f"{number}.png")
    options = ["--size", "16", "--frames", "3", "--strokes", "2", "--quality", "draft", "--workers", "0"]
    script = str(place / "target" / "bin" / "underpaint-data")
    run(place, sys.executable, script, "generate", "--source", "pictures", "--out", "corpus", *options)
    assert (place / "corpus" / "manifest.json").is_file()
