"""Images -> corpus: pictures become painting processes, in shards that train.

`datagen.Corpus("corpus")` opens one. Each of these imports from those above it only:

    format/                      what a corpus consists of: samples, tars, sidecars, the manifest; whole files, draws
    seeds                        what is drawn depends on what is painted, never on who paints it or when
    storage/                     where files lie: folders and object stores
    scenes/                      a small world, drawn by code
    pictures/                    one picture: its bytes, its pixels, its guides
    sources/                     which pictures there are: folders, lists, tables, tars, scenes
    config, import_config        what a job is asked to do
    corpus, filmstrip, export    opening one, and looking at its samples
    jobs/                        how one gets written: the plan, who does the work, what happens when it fails
    guides/                      maps and captions by networks, beside the pictures
    painting/                    pictures become samples
    recordings/                  videos and folders of frames become samples
    generate, importing          the two jobs, from beginning to end
    reading, writing             the doors for others: processes read, a corpus written from another generator
    curation/                    corpora merged and split, sources without near-duplicates
    trust/                       verify and repair
    summary/                     tables, figures, the dataset card
    report/                      the page for the browser, and the server
    commands/                    what the commands take and do
    cli                          the command `underpaint-data`
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from underpaint.datagen.corpus import Corpus as Corpus
    from underpaint.datagen.corpus import CorpusSample as CorpusSample

__all__ = ["Corpus", "CorpusSample"]


def __getattr__(name: str) -> Any:
    # Only when asked for: the kernels behind it take a second to load, and `underpaint-data --help` needs none.
    if name in __all__:
        from underpaint.datagen import corpus

        return getattr(corpus, name)
    raise AttributeError(f"module 'datagen' has no attribute {name!r}")
