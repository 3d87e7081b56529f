"""Does the JSON of a recorded sample say what can be?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def recording_faults(record: dict[str, Any], config: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with the content of KEY.json, as (kind, detail); `config` is that of job.json, or empty.

    Raises:
        KeyError, TypeError, ValueError: damaged beyond that.
    """
    frames, about = record["frames"], record["about"]
    if len(frames) < 2 or (config and len(frames) > config["frames"]):
        yield "json", f"{len(frames)} frames, the job says 2 to {config.get('frames', 'any number')}"
    # The empty ground that may come first has no number.
    numbers = [-1 if index == 0 and step["frame"] is None else step["frame"] for index, step in enumerate(frames)]
    if numbers != sorted(set(numbers)) or numbers[-1] != about["recorded"] - 1:
        yield "json", f"numbers of the frames must rise to the last, {about['recorded'] - 1}: {numbers}"
    if config and (config["blank"] == "ground") != (frames[0]["frame"] is None):
        yield "json", f"the first frame is {frames[0]['frame']}, the job says blank is {config['blank']!r}"
    trigger, caption = record["trigger"], record["caption"]
    if trigger is not None and not (caption or "").startswith(trigger):
        yield "json", f"caption {caption!r} doesn't begin with the trigger {trigger!r}"
