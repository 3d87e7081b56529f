"""Weights on disk as safetensors with a record in the header, and hashes of weights in memory."""

from __future__ import annotations

import contextlib
import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from diffusers import ModelMixin, UNet2DConditionModel
from diffusers.utils import logging
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from underpaint.hub import check_hub, check_pickle
from underpaint.models.finite import check_finite
from underpaint.models.folders import check_folder, variant_of
from underpaint.models.record import HEADER_KEY, Record, read_record, write_record
from underpaint.texts import printable

# The name under which every diffusers model looks for its weights.
WEIGHTS_FILE = "diffusion_pytorch_model.safetensors"
# Names of the types that weights are saved in.
SAVED_IN = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
# What decides how the weights of a UNet are used and can't be told from their names and shapes.
_WIRING = (
    "attention_head_dim",
    "num_attention_heads",
    "norm_num_groups",
    "act_fn",
    "flip_sin_to_cos",
    "freq_shift",
    "center_input_sample",
    "resnet_time_scale_shift",
)
_LONGEST = 400  # letters of a library's message
Model = TypeVar("Model", bound=ModelMixin)


def fingerprint(unet: UNet2DConditionModel) -> str:
    """Sixteen hexadecimal digits that name a UNet: its wiring and its weights.

    The weights are rounded to float16 first: the float32 and the float16 file of a model are the same base.
    """
    digest = hashlib.sha256(json.dumps({key: unet.config.get(key) for key in _WIRING}).encode())
    add_weights(digest, unet.state_dict())
    return digest.hexdigest()[:16]


def architecture(unet: UNet2DConditionModel) -> str:
    """Sixteen hexadecimal digits that name the kind of a UNet: its wiring, and the names and shapes of its weights.

    What is trained on a UNet works with others of its architecture, as AnimateDiff's modules do.
    """
    shapes = {name: tuple(value.shape) for name, value in sorted(unet.state_dict().items())}
    wiring = {key: unet.config.get(key) for key in _WIRING}
    return hashlib.sha256(json.dumps([wiring, shapes]).encode()).hexdigest()[:16]


def add_weights(digest: hashlib._Hash, weights: Mapping[str, Tensor]) -> None:
    """Add weights to a digest, in the order of their names: names, shapes, and numbers rounded to float16."""
    for name, value in sorted(weights.items()):
        digest.update(f"{name} {tuple(value.shape)}".encode())
        digest.update(_bytes_of(value.half()))


def digests(module: nn.Module) -> dict[str, str]:
    """SHA-256 of every parameter and buffer by name: equal exactly when the tensors are, to the bit."""
    return {name: hashlib.sha256(_bytes_of(value)).hexdigest() for name, value in module.state_dict().items()}


def _bytes_of(value: Tensor) -> Any:
    # Through uint8, since NumPy has no bfloat16.
    return value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write a safetensors file whose bytes depend on its content alone.

    safetensors itself writes the entries of `metadata` in an order that changes from run to run.

    Raises:
        ValueError: a tensor holds NaN or infinity, which are never stored.
    """
    check_finite(tensors, str(path))
    path.touch()
    mode = path.stat().st_mode
    save_file({name: value.detach().cpu().contiguous() for name, value in tensors.items()}, path, dict(metadata))
    path.chmod(mode)  # safetensors leaves files that nobody else may read
    with path.open("r+b") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        header["__metadata__"] = dict(sorted(metadata.items()))
        content = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
        assert len(content) <= length, "the same header takes more room"
        file.seek(8)
        file.write(content.ljust(length))


def cast_files(folder: Path, dtype: torch.dtype) -> None:
    """Write all float32 tensors of all safetensors files below a folder in another type.

    Single numbers, as a LoRA's alpha, stay as they are, and so does what else the files say.

    Raises:
        ValueError: float16 has no room for a number.
    """
    for path in sorted(folder.rglob("*.safetensors")) if dtype != torch.float32 else ():
        tensors, metadata = read_tensors(path)
        cast = {
            name: value.to(dtype if value.dtype == torch.float32 and value.ndim else None, copy=True)
            for name, value in tensors.items()
        }
        check_finite(cast, str(path))
        new = path.with_suffix(".cast")
        write_tensors(new, cast, metadata)
        new.replace(path)


def read_tensors(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The tensors and the metadata of a safetensors file, on the CPU.

    Raises:
        ValueError: no such file, or not a safetensors file.
    """
    with _read(path) as file:
        return load_file(path), file.metadata() or {}


def read_names(path: Path) -> list[str]:
    """Return the names of a safetensors file's tensors, without reading those.

    Raises:
        ValueError: as `read_tensors`.
    """
    with _read(path) as file:
        return list(file.keys())


@contextlib.contextmanager
def _read(path: Path) -> Iterator[Any]:
    check_pickle(path)
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except Exception as error:  # a damaged file makes torch and safetensors raise anything
        raise ValueError(f"{path} is not a readable safetensors file: {one_line(error)}") from error


def one_line(error: Exception) -> str:
    """Return what an error of a library says, which may be many lines, or nothing."""
    text = printable(" ".join(str(error).split())) or type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


def save_model(folder: Path, model: ModelMixin, record: Record | None) -> None:
    """Save a diffusers model as its own `save_pretrained` would, with a record, if any, in the header and beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_config(folder)
    metadata = {"format": "pt"} | ({HEADER_KEY: record.to_json()} if record else {})
    write_tensors(folder / WEIGHTS_FILE, model.state_dict(), metadata)
    if record:
        write_record(folder, record)


def load_model(
    kind: type[Model], source: str | Path, *, dtype: torch.dtype = torch.float32, subfolder: str = ""
) -> Model:
    """Load a diffusers model from a folder or a hub id, refusing what diffusers only warns of.

    Args:
        kind: its class.
        source: a folder, or a hub id.
        dtype: what its weights become, however they are stored; also as a variant, such as `fp16`.
        subfolder: where they are in it.

    Raises:
        ValueError: nothing there, pickled weights, or weights that don't fill the model or aren't finite.
    """
    folder = Path(source, subfolder)
    check_folder(kind.__name__, folder)
    variants = [variant_of(folder, WEIGHTS_FILE.removesuffix(".safetensors"))]
    if not Path(source).exists():
        check_hub(str(source))
        variants = [None, "fp16"]
    while True:
        try:
            with quiet():
                model, info = kind.from_pretrained(
                    str(source),
                    subfolder=subfolder or None,
                    variant=variants.pop(0),
                    use_safetensors=True,
                    torch_dtype=dtype,
                    output_loading_info=True,
                )
            break
        except Exception as error:  # of a damaged config or file diffusers raises anything
            if not variants:
                raise ValueError(f"{source} holds no {kind.__name__} that can be loaded: {one_line(error)}") from error
    for keys, what in ((info["missing_keys"], "lacks"), (info["unexpected_keys"], "holds, and has no place for,")):
        if keys:
            raise ValueError(f"{source} {what} {len(keys)} weights of its {kind.__name__}, {min(keys)} among them")
    check_finite(model.state_dict(), "/".join([str(source), *filter(None, [subfolder])]))
    loaded: Model = model
    return loaded


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without diffusers' warnings: what matters of them is an error here, and its own casts set some off."""
    level = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)


def load_with_record(
    kind: type[Model], source: str | Path, dtype: torch.dtype = torch.float32
) -> tuple[Model, Record | None]:
    """Load an adapter and its record; a published adapter, from the hub or elsewhere, has none."""
    return load_model(kind, source, dtype=dtype), read_record(Path(source))
