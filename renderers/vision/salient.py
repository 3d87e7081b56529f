"""Salient objects by a network in an ONNX file: U2-Net, IS-Net or BiRefNet, run by onnxruntime.

onnxruntime alone, not rembg around it: the same files need 30 MB instead of OpenCV, a matting package and a downloader.
"""

from __future__ import annotations

import dataclasses
import functools
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image

from underpaint.extras import missing, needing
from underpaint.renderers.vision.devices import check_device, chosen_device, threads
from underpaint.renderers.vision.folders import stamp

Float32 = npt.NDArray[np.float32]

_ADVICE = "give a U2-Net, IS-Net or BiRefNet as .onnx, such as isnet-general-use.onnx of rembg's releases"
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
# Below this nothing stands out, and stretching would make an object of noise.
_LEAST_PEAK = 0.1


class Family(NamedTuple):
    """How networks of one kind see a picture: the side of their square input, mean and deviation of its channels.

    Attributes:
        stretched: whether the map is stretched to 0..1, as the authors do.
    """

    side: int
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    stretched: bool


_IMAGENET = (0.485, 0.456, 0.406)
U2NET = Family(320, _IMAGENET, (0.229, 0.224, 0.225), stretched=True)  # Qin et al. 2020
ISNET = Family(1024, (0.5, 0.5, 0.5), (1.0, 1.0, 1.0), stretched=True)  # Qin et al. 2022
ISNET_ANIME = Family(1024, _IMAGENET, (1.0, 1.0, 1.0), stretched=True)  # as its author trained it
BIREFNET = Family(1024, _IMAGENET, (0.229, 0.224, 0.225), stretched=False)  # Zheng et al. 2024
# What files are called, the more special first.
_BY_NAME = {
    "birefnet": BIREFNET,
    "anime": ISNET_ANIME,
    "isnet": ISNET,
    "is-net": ISNET,
    "rmbg": ISNET,
    "u2net": U2NET,
    "silueta": U2NET,
}


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class _Network:
    session: Any
    name: str
    dtype: Any
    height: int
    width: int
    family: Family


def check_salient(option: str, model: Path) -> None:
    """Check in milliseconds that a file may hold a network for salient objects.

    Raises:
        ValueError: no such file, or none that is called .onnx; says what to do.
        MissingExtra: onnxruntime isn't installed.
    """
    if not model.is_file():
        what = "is a folder" if model.is_dir() else "does not exist"
        raise ValueError(f"{option} {model} {what}: {_ADVICE}")
    if model.suffix.lower() != ".onnx":
        raise ValueError(f"{option} {model} is no .onnx file: {_ADVICE}")
    if find_spec("onnxruntime") is None:
        raise missing(option, "onnxruntime", "onnx")


def salient_objects(
    image: npt.NDArray[np.uint8], model: Path, *, device: str = "auto", option: str = "saliency"
) -> Float32:
    """Return how likely each pixel belongs to a salient object, as a network says.

    The last network is kept. The same file gives almost the same map on every machine, but not to the bit.

    Args:
        image: uint8 (H, W, 3).
        model: an .onnx file. Which family it belongs to is told from its name, or else from its input and outputs.
        device: `cpu`, `cuda`, `cuda:1`, or `auto` (cuda if onnxruntime has it).
        option: that names the model, for messages.

    Returns:
        float32 (H, W), 0..1.

    Raises:
        ValueError: no such file, another kind of network, an unknown device.
        MissingExtra: onnxruntime isn't installed.
    """
    network = _loaded(option, model, device)
    family = network.family
    small = Image.fromarray(image).resize((network.width, network.height), Image.Resampling.LANCZOS)
    # The brightest pixel counts as white, as in the authors' code.
    pixels = np.asarray(small, np.float32)
    pixels = pixels / max(float(pixels.max()), 1e-6)
    mean, std = (np.array(values, np.float32) for values in (family.mean, family.std))
    inputs = ((pixels - mean) / std).transpose(2, 0, 1)[None]
    output = network.session.run(None, {network.name: inputs.astype(network.dtype)})[0]
    values = np.asarray(output, np.float32).reshape(output.shape[-2:])
    if not np.isfinite(values).all():
        raise ValueError(f"{option} {model} gives numbers that are not finite; with --device cpu it may not")
    low, high = float(values.min()), float(values.max())
    if low < -1e-3 or high > 1 + 1e-3:  # logits: some files end before the sigmoid
        values = 1 / (1 + np.exp(-values))
        low, high = float(values.min()), float(values.max())
    if family.stretched and high > max(low, _LEAST_PEAK):
        values = (values - low) / (high - low)
    size = image.shape[1], image.shape[0]
    enlarged = Image.fromarray(values.astype(np.float32)).resize(size, Image.Resampling.BILINEAR)
    return np.clip(np.asarray(enlarged, np.float32), 0, 1)


def load_salient(option: str, model: Path, device: str = "auto") -> None:
    """Load a network, so that what is wrong with it is told now; raises as `salient_objects`."""
    _loaded(option, model, device)


def _loaded(option: str, model: Path, device: str) -> _Network:
    check_device(device)
    path = Path(model).expanduser().absolute()
    check_salient(option, path)
    return _load(option, path, device, stamp(path))


@functools.lru_cache(maxsize=1)
def _load(option: str, model: Path, device: str, changed: object) -> _Network:
    with needing(option, "onnx"):
        import onnxruntime
    has_cuda = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    on = chosen_device(device, has_cuda=has_cuda, finder="onnxruntime (onnxruntime-gpu has it)")
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.log_severity_level = threads(), 3
    number = on.partition(":")[2] or "0"
    cuda = [("CUDAExecutionProvider", {"device_id": number})] if on.startswith("cuda") else []
    try:
        session = onnxruntime.InferenceSession(model, settings, providers=[*cuda, "CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has an exception for everything, without a common base
        raise ValueError(f"{option} {model} can't be loaded: {' '.join(str(error).split())}; {_ADVICE}") from error
    return _network(option, model, session)


def _network(option: str, model: Path, session: Any) -> _Network:
    """Return a network with what its graph says of its input.

    Raises:
        ValueError: it is none that makes a map of a picture; or its family can't be told.
    """
    inputs, outputs = session.get_inputs(), session.get_outputs()
    shape, made = inputs[0].shape, outputs[0].shape
    is_picture = len(inputs) == 1 and inputs[0].type in _TYPES and len(shape) == 4 and shape[1] in (3, None)
    is_map = len(made) in (3, 4) and (len(made) == 3 or not isinstance(made[1], int) or made[1] == 1)
    if not (is_picture and is_map):
        raise ValueError(f"{option} {model} makes {made} of {shape}, not a map of a picture: {_ADVICE}")
    family = _family(option, model, shape, len(outputs))
    height, width = (side if isinstance(side, int) else family.side for side in shape[2:])
    return _Network(
        session=session,
        name=inputs[0].name,
        dtype=_TYPES[inputs[0].type],
        height=height,
        width=width,
        family=family,
    )


def _family(option: str, model: Path, shape: list[Any], outputs: int) -> Family:
    name = model.stem.lower().replace("_", "-")
    for part, family in _BY_NAME.items():
        if part in name or part in name.replace("-", ""):
            return family
    if shape[2] == U2NET.side:
        return U2NET
    if shape[2] == ISNET.side:
        return ISNET if outputs > 1 else BIREFNET  # IS-Net gives its intermediate maps as well
    raise ValueError(
        f"{option} {model} with an input of {shape} may be anything: rename it after its family, as u2net.onnx, "
        "isnet.onnx or birefnet.onnx"
    )
