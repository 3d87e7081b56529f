"""The third tab: a corpus, a few samples at a time, each as a small film with its caption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from underpaint.datagen.reading import Corpus
from underpaint.pipelines.app.cards import CARDS, read_page
from underpaint.pipelines.app.config import AppConfig
from underpaint.pipelines.app.lines import said, wrong
from underpaint.pipelines.app.parts import make_note

import gradio as gr  # isort: skip, parts.py sets how it behaves

_SERVE = "underpaint-data serve {} shows and searches all of it"


def build_corpus_tab(app: AppConfig) -> None:
    """Add what stands in the tab, and connect it.

    Args:
        app: names the corpus; or lets its path be typed, if only this machine can open the page.
    """
    # On a page that others can open, a path would lead them to any corpus of this machine.
    if app.corpus is None and not app.is_local:
        make_note("start the page with --corpus FOLDER to show a corpus here")
        return
    first, at = gr.State(0), str(app.corpus or "")
    with gr.Row(elem_classes="opens"):
        path = gr.Textbox(
            at, label="Corpus", placeholder="folder of shards on this machine, or a URL", scale=5, min_width=240,
            interactive=app.corpus is None,
        )  # fmt: skip
        opening = gr.Button("Open", variant="primary", scale=1, min_width=100)
    note = make_note("a corpus is what underpaint-data generate writes")
    cards = gr.HTML(apply_default_css=False)
    with gr.Row(elem_classes="saves"):
        back = gr.Button("Previous", size="sm", interactive=False, min_width=80)
        on = gr.Button("Next", size="sm", interactive=False, min_width=80)

    def show(location: str, start: int) -> Iterator[list[Any]]:
        location, waiting = str(app.corpus or location.strip()), [gr.skip(), gr.skip()]
        try:
            if not location:
                raise ValueError("no corpus yet: give the path of one")
            for page in read_page(Corpus(location), start):
                yield [page.start, page.cards, said(f"reading samples {page.start + 1:,} to {page.end:,}"), *waiting]
            line = f"samples {page.start + 1:,} to {page.end:,} of {page.count:,}; {_SERVE.format(location)}"
            turns = gr.Button(interactive=page.start > 0), gr.Button(interactive=page.end < page.count)
            yield [page.start, page.cards, said(line), *turns]
        except (ValueError, OSError) as error:
            yield [gr.skip(), gr.skip(), wrong(error), *waiting]

    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    outputs = [first, cards, note, back, on]
    for event in (opening.click, path.submit):
        event(lambda location: (yield from show(location, 0)), path, outputs, **private)
    back.click(lambda *given: (yield from show(given[0], given[1] - CARDS)), [path, first], outputs, **private)
    on.click(lambda *given: (yield from show(given[0], given[1] + CARDS)), [path, first], outputs, **private)
