"""Corpora that Underpaint 0.1.0 wrote, in old_corpus: today's code reads, checks, merges, repairs and continues them.

`bezier` was painted with UNDERPAINT_PORTABLE=1 from `pictures`, `recorded` was imported from `recordings`:

    generate --source pictures --out bezier --size 24 --strokes 12 --frames 3 --quality draft --shard-size 1
    import --source recordings --out recorded --size 24 --frames 4 --trigger sks
"""

import io
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.datagen.helpers import quietly, start, tar_bytes
from underpaint import renderers
from underpaint.datagen.config import GenerateConfig
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.curation.merge import merge
from underpaint.datagen.import_config import ImportConfig
from underpaint.datagen.importing import import_recordings
from underpaint.datagen.jobs.shard import versions
from underpaint.datagen.trust.repair import repair
from underpaint.datagen.trust.verify import verify

OLD = Path(__file__).parent / "old_corpus"
PAINTED = {"size": 24, "strokes": 12, "frames": 3, "quality": "draft", "shard_size": 1, "workers": 0}
RECORDED = {"size": 24, "frames": 4, "trigger": "sks", "workers": 0}


@pytest.fixture
def old(tmp_path):
    """A copy, for damaging."""
    return Path(shutil.copytree(OLD, tmp_path / "old"))


@pytest.fixture
def same_painting(monkeypatch):
    """Today's painting version is that of then; of a later one, the last tests here say what is refused."""
    monkeypatch.setattr(renderers, "PAINTING_VERSION", "0.1.0")


def same_bytes_here(corpus: Path) -> bool:
    """Whether the libraries that have a say in a corpus' bytes are those of then; the processor aside."""
    then = json.loads((corpus / "job.json").read_bytes())["versions"]
    return all(versions()[name] == then[name] for name in ("numpy", "numba", "pillow", "av"))


def test_they_are_read():
    first, second = Corpus(OLD / "bezier")
    assert (first.entry.key, second.entry.key) == ("00000000-cat-bezier", "00000001-temple-bezier")
    assert [sample.record()["caption"] for sample in (first, second)] == ["a cat", "a temple"]
    assert first.frames().shape == (3, 24, 24, 3)
    assert (first.process() == first.frames()).all()
    (barn,) = Corpus(OLD / "recorded")
    assert (barn.record()["caption"], barn.frames().shape) == ("sks, a red barn", (4, 24, 24, 3))


@pytest.mark.parametrize("name", ["bezier", "recorded"])
def test_they_are_whole_and_damage_is_found(old, name):
    assert verify(old / name) == []
    tar = old / name / "000000.tar"
    data = bytearray(tar.read_bytes())
    data[600] ^= 1
    tar.write_bytes(data)
    assert "checksum" in {fault.kind for fault in verify(old / name)}


def test_they_merge_with_one_of_today(old, tmp_path):
    quietly(GenerateConfig(source=str(old / "pictures"), out=tmp_path / "new", **PAINTED | {"seed": 1}))
    merge([old / "bezier", tmp_path / "new"], tmp_path / "merged")
    assert verify(tmp_path / "merged") == []
    assert len(Corpus(tmp_path / "merged")) == 4
    assert tar_bytes(tmp_path / "merged").items() >= tar_bytes(OLD / "bezier").items()


def test_recordings_are_repaired(old, same_painting):
    corpus = old / "recorded"
    (corpus / "000000.tar").unlink()
    result = repair(corpus, ["000000"], source=str(old / "recordings"))
    if same_bytes_here(corpus):
        assert (result.repaired, result.failed) == (["000000"], {})
        assert (tar_bytes(corpus), verify(corpus)) == (tar_bytes(OLD / "recorded"), [])
    else:
        assert "then -> here: " in result.failed["000000"]


def test_recordings_are_continued(old, same_painting):
    corpus = old / "recorded"
    for name in ("000000.tar", "000000.json"):
        (corpus / name).unlink()
    config = ImportConfig(source=str(old / "recordings"), out=corpus, **RECORDED)
    assert import_recordings(config, stream=io.StringIO()).complete
    assert verify(corpus) == []
    if same_bytes_here(corpus):
        assert tar_bytes(corpus) == tar_bytes(OLD / "recorded")


def test_paintings_with_other_kernels_are_refused_in_words(old, same_painting):
    with pytest.raises(ValueError, match="set UNDERPAINT_PORTABLE=1 in the environment"):
        repair(old / "bezier", ["000000"], source=str(old / "pictures"))
    with pytest.raises(ValueError, match="portable: true -> false"):
        quietly(GenerateConfig(source=str(old / "pictures"), out=old / "bezier", **PAINTED))


def test_another_painting_version_is_refused_in_words(old, monkeypatch):
    monkeypatch.setattr(renderers, "PAINTING_VERSION", "99")
    with pytest.raises(ValueError, match=r"painting version 0.1.0, this program has 99 .* install underpaint==0.1.0"):
        repair(old / "bezier", ["000000"], source=str(old / "pictures"))
    with pytest.raises(ValueError, match=r'version: "0.1.0" -> "99"'):
        quietly(GenerateConfig(source=str(old / "pictures"), out=old / "bezier", **PAINTED))


@pytest.mark.slow
def test_paintings_are_repaired_and_continued(old):
    corpus = old / "bezier"
    portable = os.environ | {"UNDERPAINT_PORTABLE": "1", "PYTHONPATH": str(Path(__file__).parents[2])}
    (corpus / "000000.tar").unlink()
    verifying = start("verify", corpus, "--repair", "--source", old / "pictures", "--workers", 0, env=portable)
    said, errors = verifying.communicate(timeout=300)
    for name in ("000001.tar", "000001.json"):
        (corpus / name).unlink()
    options = [part for name, value in PAINTED.items() for part in (f"--{name.replace('_', '-')}", value)]
    generating = start("generate", "--source", old / "pictures", "--out", corpus, *options, env=portable)
    if renderers.PAINTING_VERSION != "0.1.0":
        assert "install underpaint==0.1.0" in errors
        assert 'version: "0.1.0" -> ' in generating.communicate(timeout=300)[1]
    elif same_bytes_here(corpus):
        assert said == "000000: repaired\n2 shards checked; faults: none\n"
        assert generating.wait(timeout=300) == 0
        assert (tar_bytes(corpus), verify(corpus)) == (tar_bytes(OLD / "bezier"), [])
    else:  # the same libraries paint the same bytes, others may not; what they painted must be right
        assert "000000: repaired" in said or "then -> here: " in said
        assert generating.wait(timeout=300) == 0
        assert {fault.shard for fault in verify(corpus)} <= {"000000"}
