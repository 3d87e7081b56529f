"""Models that transformers saved, as folders: what is wrong with one is told before torch is imported."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from underpaint.extras import missing, needing
from underpaint.renderers.vision.devices import check_device, chosen_device
from underpaint.texts import parse_json

EXTRA = "guides"
_CONFIG = "config.json"
# One of them says how a picture is prepared; which one depends on the release that saved it.
_PREPARATION = ("preprocessor_config.json", "processor_config.json")
# All that changes what a model gives. Licences and pictures lie beside them.
_READ = (".json", ".safetensors", ".txt", ".model", ".jinja")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Task:
    """What a model is for.

    Attributes:
        name: in words, such as `depth estimation`.
        kinds: the model types that do it, as transformers calls them.
        example: a model on the hub, for messages.
        classes: how the names of its networks end; any where it is empty.
    """

    name: str
    kinds: tuple[str, ...]
    example: str
    classes: tuple[str, ...] = ()


def check_folder(option: str, folder: Path, task: Task) -> str:
    """Return the model type of a folder that holds a model for a task; takes milliseconds.

    Args:
        option: that names the folder, for the message.
        folder: of the model.
        task: what it is to do.

    Raises:
        ValueError: no such folder, a model of another kind, or one without weights; says what to do.
        MissingExtra: transformers or torch isn't installed.
    """
    get = f"`hf download {task.example} --local-dir FOLDER` makes one"
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise ValueError(f"{option} {folder} {what}: give a folder with a model for {task.name}; {get}")
    if not (folder / _CONFIG).is_file():
        raise ValueError(f"{option} {folder} has no {_CONFIG}, so it is no model of transformers; {get}")
    kind, classes = _described(option, folder)
    if kind not in task.kinds or not _fits(classes, task):
        is_class = f" ({', '.join(classes)})" if classes else ""
        raise ValueError(
            f"{option} {folder} holds a model of type {kind}{is_class}, which is not for {task.name}: "
            f"{', '.join(task.kinds)} are; {get}"
        )
    if not any(folder.glob("*.safetensors")):
        raise ValueError(f"{option} {folder} has no weights in *.safetensors, and others aren't read; {get}")
    if not any((folder / name).is_file() for name in _PREPARATION):
        raise ValueError(f"{option} {folder} has no {_PREPARATION[0]}, which says how pictures are prepared; {get}")
    for module in ("torch", "transformers"):
        if find_spec(module) is None:
            raise missing(option, module, EXTRA)
    return kind


def _described(option: str, folder: Path) -> tuple[str, tuple[str, ...]]:
    try:
        config = parse_json((folder / _CONFIG).read_bytes())
        return str(config["model_type"]), tuple(map(str, config.get("architectures") or ()))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{option} {folder}: its {_CONFIG} can't be read ({error}): download it again") from None


def _fits(classes: tuple[str, ...], task: Task) -> bool:
    return not (classes and task.classes) or any(name.endswith(task.classes) for name in classes)


def model_files(model: Path) -> list[Path]:
    """Return the files that decide what a model gives: a file itself, or those of a folder, by name."""
    if not model.is_dir():
        return [model]
    return sorted(path for path in model.iterdir() if path.suffix in _READ and not path.name.startswith("."))


def stamp(model: Path) -> tuple[tuple[str, int, int], ...]:
    """Return names, sizes and times of change of a model's files: another file of the same name is another model."""
    states = ((path.name, path.stat()) for path in model_files(model) if path.exists())
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Loaded:
    """A model in memory.

    Attributes:
        kind: its type, as transformers calls it.
        network: on its device, in evaluation mode.
        processor: prepares pictures, and for some models puts texts together.
        device: of torch.
    """

    kind: str
    network: Any
    processor: Any
    device: str


def load_folder(
    option: str, folder: Path, task: Task, device: str, classes: Callable[[Any, str], tuple[Any, Any]]
) -> Loaded:
    """Load a model for a task; nothing is downloaded, and no code of the folder runs.

    Args:
        option, folder, task: as in `check_folder`.
        device: see `chosen_device`.
        classes: called with transformers and the model type; returns the classes of network and processor.

    Raises:
        ValueError: as `check_folder`, an unknown device, or files that can't be read.
        MissingExtra: transformers or torch isn't installed.
    """
    check_device(device)
    kind = check_folder(option, folder, task)
    with needing(option, EXTRA):
        import torch
        import transformers
    on = chosen_device(device, has_cuda=torch.cuda.is_available(), finder="torch")
    network_class, processor_class = classes(transformers, kind)
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    local = {"local_files_only": True, "trust_remote_code": False}
    try:
        network, told = network_class.from_pretrained(folder, use_safetensors=True, output_loading_info=True, **local)
        processor = processor_class.from_pretrained(folder, **local)
    except Exception as error:  # of damaged files transformers raises anything
        raise ValueError(f"{option} {folder} can't be loaded: {' '.join(str(error).split())}") from error
    # transformers fills up with random numbers what is missing.
    if absent := sorted(told["missing_keys"]):
        raise ValueError(f"{option} {folder} lacks {len(absent)} weights, such as {absent[0]}: download it again")
    network = network.float().eval().requires_grad_(False).to(on)
    return Loaded(kind=kind, network=network, processor=processor, device=on)


def kept(load: Callable[[Path, str], Loaded]) -> Callable[[Path, str], Loaded]:
    """Let a function that loads a model from a path onto a device keep the last one, as long as its files stay."""

    @functools.lru_cache(maxsize=1)
    def cached(model: Path, device: str, changed: object) -> Loaded:
        return load(model, device)

    return lambda model, device: cached(Path(model).expanduser().absolute(), device, stamp(Path(model).expanduser()))
