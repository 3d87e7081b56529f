"""Images -> corpus: pictures become painting processes, in shards that train.

`datagen.Corpus("corpus")` opens one.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datagen.corpus import Corpus as Corpus
    from datagen.corpus import CorpusSample as CorpusSample

__all__ = ["Corpus", "CorpusSample"]


def __getattr__(name: str) -> Any:
    # Only when asked for: the kernels behind it take a second to load, and `underpaint-data --help` needs none.
    if name in __all__:
        from datagen import corpus

        return getattr(corpus, name)
    raise AttributeError(f"module 'datagen' has no attribute {name!r}")
