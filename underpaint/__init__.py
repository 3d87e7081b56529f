"""Still pictures become painting processes, corpora of them, and models that paint.

`underpaint` is the only name that is installed. Its packages lie in the repository's top-level folders; links in this
folder give them their names here:

    renderers      picture -> process
    datagen        pictures -> corpus
    models         the networks
    training       corpus -> weights
    pipelines      weights -> paintings
    experiments    the whole chain, its trials, ablations
    commandline    what the commands share
    configs        recipes, as YAML files
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from underpaint.datagen.corpus import Corpus as Corpus
    from underpaint.datagen.format.decoding import ProcessDecoder as ProcessDecoder
    from underpaint.pipelines.photo import paint as paint
    from underpaint.pipelines.pipeline import ProcessPipeline as ProcessPipeline
    from underpaint.renderers.process import Process as Process
    from underpaint.training.corpus_dataset import CorpusDataset as CorpusDataset
    from underpaint.training.corpus_dataset import CorpusStream as CorpusStream

__version__ = "0.2.0"

_HERE = Path(__file__).parent
# Some tools copy a checkout without its links, or turn them into text files: then the folders beside this one are used.
if not (_HERE / "renderers").is_dir():
    __path__.append(str(_HERE.parent))

_HOMES = {
    "Corpus": "underpaint.datagen.corpus",
    "CorpusDataset": "underpaint.training.corpus_dataset",
    "CorpusStream": "underpaint.training.corpus_dataset",
    "Process": "underpaint.renderers",
    "ProcessDecoder": "underpaint.datagen.format.decoding",
    "ProcessPipeline": "underpaint.pipelines.pipeline",
    "paint": "underpaint.pipelines.photo",
}

__all__ = [
    "Corpus",
    "CorpusDataset",
    "CorpusStream",
    "Process",
    "ProcessDecoder",
    "ProcessPipeline",
    "__version__",
    "paint",
]


def __getattr__(name: str) -> Any:
    # Only when asked for: a command's `--help` needs no kernels, and painting needs no torch.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'underpaint' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
