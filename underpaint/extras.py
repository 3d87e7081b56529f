"""What the plain install lacks: which extra brings which modules, the one line that says so, and how they load quickly.

Beside the packages, and importing none of them: every floor may use it.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# Modules that are imported, by the extra that brings them; setup.cfg says the same in names of distributions.
EXTRAS = {
    "sam": ("torch", "torchvision", "segment_anything"),
    "onnx": ("onnxruntime",),
    "guides": ("onnxruntime", "torch", "torchvision", "transformers", "safetensors"),
    "train": (
        "torch", "diffusers", "peft", "accelerate", "transformers", "safetensors", "tokenizers", "kornia", "webdataset",
        "tensorboard", "huggingface_hub",
    ),
    "optimizers": ("bitsandbytes", "prodigyopt"),
    "wandb": ("wandb",),
    "eval": ("matplotlib", "torch", "torchvision", "transformers", "safetensors"),
    "app": ("gradio", "av"),
    "video": ("av",),
    "heic": ("pillow_heif",),
    "http": ("aiohttp",),
    "s3": ("s3fs",),
    "gcs": ("gcsfs",),
    "azure": ("adlfs",),
    "parquet": ("pyarrow",),
    "dedupe": ("imagehash",),
    "pandas": ("pandas",),
}  # fmt: skip


class MissingExtra(ModuleNotFoundError, ValueError):  # noqa: N818
    """A package that isn't installed; says in one line which extra brings it.

    Commands answer it as they answer any `ValueError`.
    """


@contextmanager
def needing(what: str, extra: str) -> Iterator[None]:
    """Let imports within fail with the extra that brings the package.

        with needing("dedupe", "dedupe"):
            import imagehash

    Args:
        what: needs the extra: a command, an option, a function.
        extra: as in `pip install 'underpaint[extra]'`.

    Raises:
        MissingExtra: a module of the extra isn't there. Other failed imports stay as they are.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        if isinstance(error, MissingExtra) or module not in EXTRAS[extra]:
            raise
        raise missing(what, module, extra) from error


@contextmanager
def quick_imports() -> Iterator[None]:
    """Import torch and what goes with it within, and don't look for garbage meanwhile; nothing else if it is there.

    Its packages make a million objects that stay, which Python would go through again and again: for a fifth of the
    time that the imports take, and later for as long.
    """
    if "torch" in sys.modules:
        yield
        return
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()


def missing(what: str, module: str, extra: str) -> MissingExtra:
    """Return the error that says that `what` needs a module, and which extra brings it."""
    return MissingExtra(f"{what} needs {module}: pip install 'underpaint[{extra}]'", name=module)
