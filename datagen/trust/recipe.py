"""How a corpus was made, from its `job.json`: as a maker that makes it again, and as the command that does."""

from __future__ import annotations

import json
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from underpaint import renderers
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.import_config import RECORDED, ImportConfig
from underpaint.datagen.importing import Importer
from underpaint.datagen.jobs.maker import Maker
from underpaint.datagen.painting.painter import PaintingMaker, with_options
from underpaint.datagen.storage.store import Store
from underpaint.renderers.target import PORTABLE


def maker_of(job: dict[str, Any], out: Store, *, source: str | None = None, workers: int | None = 0) -> Maker:
    """Return a maker that makes the samples of a job again, to another place.

    Args:
        job: content of `job.json`, of a single job.
        out: store to write the shards to.
        source: place of the pictures; None looks where the job found them.
        workers: processes; 0 works in this one, None on all cores.

    Raises:
        ValueError: this program can't make the same bytes, or the job was another program's; says why.
    """
    if job["version"] != renderers.PAINTING_VERSION:
        raise ValueError(
            f"the corpus has painting version {job['version']}, this program has {renderers.PAINTING_VERSION} and may "
            f"paint otherwise: install underpaint=={release_of(job)}"
        )
    if bool(job.get("portable", False)) != renderers.is_portable():
        how = f"set {PORTABLE}=1" if job.get("portable") else f"unset {PORTABLE}"
        raise ValueError(f"the corpus was made with other kernels: {how} in the environment")
    config = dict(job["config"])
    if "reordered" in config:
        raise ValueError(
            f"the corpus was reordered from {job.get('reordered_from', 'another one')}: repair that one, and run "
            "`underpaint-data reorder` again"
        )
    if "painting" in config:
        raise ValueError("the corpus was painted by networks: paint it again with the command `underpaint`")
    places: dict[str, Any] = {"source": source or job["location"], "out": out.location, "workers": workers}
    try:
        if config["renderer"] == RECORDED:
            del config["renderer"]
            return Importer(ImportConfig(**config, **places))
        options = {name: _options(name, config.pop(name)) for name in str(config["renderer"]).split(",")}
        return PaintingMaker(with_options(GenerateConfig(**config, options=options, **places)))
    except (TypeError, KeyError) as error:
        raise ValueError(f"job.json asks for what this program doesn't know: {error}") from None


def release_of(job: dict[str, Any]) -> str:
    """Return the version of Underpaint that made a job; the painting version was the same until 0.2.0."""
    return str(job.get("versions", {}).get("underpaint", job["version"]))


def _options(name: str, values: dict[str, Any]) -> Any:
    """Read options of a medium from their JSON, in which paths are texts."""
    kind = renderers.options_class(name)
    hints = get_type_hints(kind)
    files = {field for field, hint in hints.items() if hint is Path or Path in get_args(hint)}
    return kind(**{k: Path(v) if k in files and v is not None else v for k, v in values.items()})


def command_of(job: dict[str, Any]) -> str | None:
    """Return the command that makes a job's corpus, with every setting but defaults; None if networks painted it."""
    config = dict(job["config"])
    if "painting" in config:
        return None
    how = config.pop("reordered", None)
    recorded = config["renderer"] == RECORDED
    words = ["underpaint-data", "import" if recorded else "generate", "--source", str(job["location"])]
    words += ["--out", "corpus"]
    media = [] if recorded else str(config["renderer"]).split(",")
    options = {name: config.pop(name, {}) for name in media}
    if recorded:
        del config["renderer"]
    words += _settings(config, _defaults(ImportConfig if recorded else GenerateConfig), "")
    for name in media:
        words += _settings(options[name], _defaults(renderers.options_class(name)), f"{name}.")
    command = (f"{PORTABLE}=1 " if job.get("portable") else "") + shlex.join(words)
    if how is None:
        return command
    again = ["underpaint-data", "reorder", "corpus", "--out", "reordered"]
    again += ["--place", str(how["place"])] + (["--schedule", how["schedule"]] if how["schedule"] else [])
    return f"{command} && {shlex.join(again)}"


def _defaults(kind: type[Any]) -> dict[str, Any]:
    return {field.name: field.default for field in fields(kind)}


def _settings(values: dict[str, Any], defaults: dict[str, Any], prefix: str) -> list[str]:
    """Return what differs from the defaults as words of a command line, `--name value`."""
    words = []
    for name, value in sorted(values.items()):
        if value != defaults.get(name):
            said = value if isinstance(value, str) else json.dumps(value)
            words += [f"--{prefix}{name.replace('_', '-')}", said]
    return words
