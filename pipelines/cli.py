"""The command line: `underpaint paint | text | reconstruct | complete | evaluate | export | app`."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, cast

from jsonargparse import Namespace

from underpaint.commandline.answering import answer, program
from underpaint.commandline.parser import USAGE, Help, Parser, configurable, eased, renamed, versioned
from underpaint.datagen.format.sample import Failure
from underpaint.extras import needing, quick_imports
from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.checks import check_command, check_out
from underpaint.pipelines.config import PaintConfig, Task
from underpaint.pipelines.evaluation.config import EvaluateConfig
from underpaint.pipelines.export.config import ExportConfig
from underpaint.pipelines.export.exportable import find_exportable
from underpaint.pipelines.places import places_of
from underpaint.pipelines.settings import RENAMED, ComputeConfig, NetworksConfig, Sampling

OK, FAULTY = 0, 1

_logger = logging.getLogger(__name__)

# What a command takes, as its config names it and as --help does, and what it does.
_TASKS = {
    "text": ("prompts", "PROMPT", "paint what a prompt says"),
    "reconstruct": ("images", "IMAGE", "paint processes that end in the given pictures"),
    "complete": ("images", "HALF_FINISHED", "paint on from half-finished pictures"),
}
# Groups of options.
_PARTS = (NetworksConfig, Sampling, ComputeConfig)
# Declared apart from the other options.
_SPECIAL = {"task", "subjects", "lora", "frame", "embedding"}


@program("underpaint")
def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status.

    0: done. 1: some of several pictures can't be used; the others are painted. 2: a mistake of the user's,
    explained in one line. 130: interrupted.
    """
    given = _joined(list(sys.argv[1:] if arguments is None else arguments))
    namespace = build_parser(given).parse_args(given)
    command = namespace.command
    work = _SPECIAL_COMMANDS.get(command) or (lambda options: _paint(config_of(command, options)))
    # Names of what is painted go to stdout, perhaps into a pipe.
    return answer(f"underpaint {command}", lambda: work(namespace[command]), stdout=False)


def _joined(arguments: list[str]) -> list[str]:
    """`--frame -1=final.png` would be taken for two options."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] == "--frame" and re.match(r"-\d+=", argument):
            joined[-1] = f"--frame={argument}"
        else:
            joined.append(argument)
    return joined


def _paint(config: PaintConfig) -> int:
    check_command(config)
    # Torch and diffusers take seconds to import: not for --help.
    with needing("painting with networks", "train"):
        _tell_of_imports()
        from underpaint.pipelines.run import run

        outcome = run(config)
    for path in outcome.written:
        print(path)
    for note in outcome.notes:
        _logger.warning(note)
    return _status(outcome.written, outcome.failures)


def _status(written: Sequence[Path], failures: Sequence[Failure]) -> int:
    """Say which pictures couldn't be used; return the exit status."""
    for failure in failures:
        _logger.warning("%s: %s: %s", failure.source, failure.reason, failure.detail)
    if failures and not written:
        return USAGE
    return FAULTY if failures else OK


def _film(options: Namespace) -> int:
    from underpaint import renderers
    from underpaint.pipelines.film import paint_films
    from underpaint.pipelines.film_config import FilmConfig

    values: dict[str, Any] = options.as_dict()
    del values["config"]
    own = {name: renderers.options_class(name)(**values.pop(name)) for name in renderers.names()}
    # Those of other media too, if they are no defaults: the config refuses them.
    media = [name.strip() for name in values["medium"].split(",")]
    chosen = {name: each for name, each in own.items() if name in media or each != type(each)()}
    filmed = paint_films(FilmConfig(**values, options=chosen))
    for path in filmed.written:
        print(path)
    return _status(filmed.written, filmed.failures)


def _tell_of_imports() -> None:
    if "torch" not in sys.modules:
        _logger.info("loading torch and diffusers")


def _given(options: Namespace) -> dict[str, Any]:
    """Return what a command's config is made of: all options but the file that some of them stood in."""
    values: dict[str, Any] = options.as_dict()
    del values["config"]
    return values


def _evaluate(options: Namespace) -> int:
    from underpaint.pipelines.evaluation.terminal import evaluate_on_terminal

    return FAULTY if evaluate_on_terminal(EvaluateConfig(**_given(options))).skipped else OK


def _serve(options: Namespace) -> int:
    config = AppConfig(**_given(options))
    places_of(config)
    # Gradio takes seconds to import.
    with needing("the page", "app"):
        from underpaint.pipelines.app.page import serve

        serve(config)
    return OK


def _export(options: Namespace) -> int:
    config = ExportConfig(**_given(options))
    check_out(config.out, folder=True)
    find_exportable(config.source)
    with needing("exporting networks", "train"):
        _tell_of_imports()
        with quick_imports():
            from underpaint.pipelines.export.run import export

        outcome = export(config)
    for path in outcome.written:
        print(path)
    for line in outcome.refused:
        _logger.warning(line)
    return FAULTY if outcome.refused else OK


_SPECIAL_COMMANDS: dict[str, Callable[[Namespace], int]] = {
    "paint": _film,
    "evaluate": _evaluate,
    "export": _export,
    "app": _serve,
}


def config_of(task: str, options: Namespace) -> PaintConfig:
    """Return the config that the options of a command make.

    Raises:
        ValueError: values out of range, or that don't go together.
    """
    values: dict[str, Any] = options.clone().as_dict()
    del values["config"]
    subjects = values.pop(_TASKS[task][0])
    return PaintConfig(task=cast("Task", task), subjects=subjects, **values)


def build_parser(given: Sequence[str] | None = None) -> Parser:
    """Return the parser of all commands; the options come from the configs' own dataclasses.

    Args:
        given: arguments that are going to be parsed. Those of `paint` are left out unless it is among them: numba is
            imported for the options of the media, which takes a second. None: they are there.
    """
    parser = Parser(
        prog="underpaint",
        description="Paint pictures, paint with trained networks, and judge paintings.",
        formatter_class=Help,  # the commands take it over
    )
    commands = parser.add_subcommands(required=True, dest="command")
    asked = given is None or "paint" in given[:1]
    commands.add_subcommand("paint", _film_parser() if asked else Parser(), help="paint pictures, and film it")
    for task, (name, metavar, what) in _TASKS.items():
        commands.add_subcommand(task, _paint_parser(task, name, metavar, what), help=what)
    commands.add_subcommand("evaluate", _evaluate_parser(), help="measure how good processes are")
    commands.add_subcommand("export", _export_parser(), help="write trained weights for other programs")
    commands.add_subcommand("app", _app_parser(), help="serve a page to try painting on")
    return versioned(parser)


def _film_parser() -> Parser:
    from underpaint import renderers
    from underpaint.pipelines.film_config import FilmConfig

    parser = configurable("Paint pictures, and write films of how they come to be; no networks are needed.")
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help=_HELP["pictures"])
    parser.add_class_arguments(FilmConfig, skip={"pictures", "options"})
    for name in renderers.names():
        parser.add_class_arguments(renderers.options_class(name), name)
    return eased(parser)


def _paint_parser(task: str, name: str, metavar: str, what: str) -> Parser:
    parser = configurable(what.capitalize() + ".")
    parser.add_argument(name, nargs="+", metavar=metavar, help=_HELP[name])
    parts = {field.name for part in _PARTS for field in fields(part)}
    parser.add_class_arguments(PaintConfig, skip=_SPECIAL | parts | ({"prompt"} if task == "text" else set()))
    for part in _PARTS:
        parser.add_class_arguments(part)
    for option, value, text in _REPEATED:
        parser.add_argument(option, action="append", default=[], metavar=value, help=text)
    return renamed(eased(parser), RENAMED)


_HELP = {
    "prompts": "What the finished picture shows; several prompts are several paintings.",
    "pictures": "Pictures: files, folders, globs, and .jsonl or .csv with `file`.",
    "images": "Pictures: files, folders, globs, and .jsonl or .csv with `file` and `caption`.",
}
_REPEATED = (
    ("--frame", "NUMBER=PICTURE", "Conditioning frame, 0 the first, -1 the last; may be given several times."),
    (
        "--lora",
        "FOLDER=WEIGHT",
        "Artist's LoRA: a run, its result, a .safetensors file, or a name within --models; may be given several times.",
    ),
    (
        "--embedding",
        "WORD=FILE",
        "Textual inversion, a .safetensors file, for a word of prompts, negative ones too; may be given several times.",
    ),
)


def _evaluate_parser() -> Parser:
    parser = configurable("Measure how good processes are.")
    parser.add_argument("process", help="Folder of frames, animation, film, or corpus.")
    parser.add_class_arguments(EvaluateConfig, skip={"process"})
    return eased(parser)


def _export_parser() -> Parser:
    parser = configurable("Write trained weights as files that other programs load.")
    parser.add_argument(
        "source", type=Path, help="Run, its result, a folder that diffusers saved, or a .safetensors file."
    )
    parser.add_class_arguments(ExportConfig, skip={"source"})
    return eased(parser)


def _app_parser() -> Parser:
    parser = configurable("Serve a page to try painting on, until interrupted.")
    parser.add_class_arguments(AppConfig)
    return eased(parser)


if __name__ == "__main__":
    raise SystemExit(main())
