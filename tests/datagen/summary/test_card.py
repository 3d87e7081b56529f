import json
import re
import shutil

import pytest
import yaml

from tests.datagen.helpers import quietly
from underpaint.datagen.curation.merge import merge
from underpaint.datagen.curation.split import split
from underpaint.datagen.format.atomic import canonical_json
from underpaint.datagen.format.seal import sealed_bytes
from underpaint.datagen.summary.card import CardConfig, write_card
from underpaint.datagen.trust.verify import verify


def header(text):
    return yaml.safe_load(text.split("---\n")[1])


def test_the_header_is_the_hub_s(finished, corpus):
    text = write_card(corpus, CardConfig(license="cc-by-4.0", title="Small", language="en"))
    assert (corpus / "README.md").read_text() == text
    found = header(text)
    assert found["license"] == "cc-by-4.0"
    assert found["pretty_name"] == "Small"
    assert found["language"] == ["en"]
    assert found["size_categories"] == ["n<1K"]
    assert found["configs"] == [{"config_name": "default", "data_files": [{"split": "train", "path": "*.tar"}]}]
    assert found["dataset_info"]["splits"][0]["num_examples"] == 10
    assert [feature["name"] for feature in found["dataset_info"]["features"]] == [
        "__key__",
        "webp",
        "json",
        "target.webp",
    ]


def test_what_it_says_of_the_making(finished, corpus):
    text = write_card(corpus)
    assert "underpaint-data generate --source" in text
    assert "--store-target true" in text
    assert "| bezier | 10 | 24 |" in text
    assert "10 pictures from" in text
    assert "numba" in text
    assert "`other`" in text


def test_sidecars_and_job_are_all_it_takes(corpus, tmp_path):
    bare = tmp_path / "bare" / "corpus"
    bare.mkdir(parents=True)
    for path in (*corpus.glob("0*.json"), corpus / "job.json"):
        shutil.copy(path, bare)
    assert write_card(bare).replace(str(bare), str(corpus)) == write_card(corpus)


def test_both_sides_of_a_split(finished, tmp_path):
    split(finished, tmp_path, validation=0.3)
    text = write_card(tmp_path)
    files = header(text)["configs"][0]["data_files"]
    assert files == [
        {"split": "train", "path": "train/*.tar"},
        {"split": "validation", "path": "validation/*.tar"},
    ]
    assert text.count("underpaint-data generate") == 1
    assert "no picture is on both sides" in text


def test_every_job_of_a_merged_corpus(finished, configure, tmp_path):
    quietly(configure(tmp_path / "b", seed=9, store_target=True))
    merge([finished, tmp_path / "b"], tmp_path / "c")
    text = write_card(tmp_path / "c")
    assert text.count("underpaint-data generate") == 2
    assert "--seed 9" in text


def test_recordings(recorded, tmp_path):
    shutil.copytree(recorded, tmp_path / "corpus")
    text = write_card(tmp_path / "corpus")
    assert "underpaint-data import" in text
    assert "recordings from" in text
    assert "strokes.npz" not in text.split("## How to load")[0]
    assert "1 not-a-video" in text


def test_the_lines_that_load_it_run(corpus, capsys):
    pytest.importorskip("webdataset")
    blocks = re.findall(r"```python\n(.*?)```", write_card(corpus), re.DOTALL)
    for block in blocks:
        if "from datasets" not in block:  # see test_format.py
            exec(block, {})
    assert "00000009" in capsys.readouterr().out


def test_licences_of_the_pictures_are_counted(pictures, configure, tmp_path):
    names = sorted(path.name for path in pictures.iterdir() if path.suffix in (".png", ".jpg"))[:3]
    rows = [{"file": str(pictures / name), "license": "CC0-1.0"} for name in names]
    del rows[2]["license"]
    (tmp_path / "list.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "licensed"
    assert quietly(configure(out, source=str(tmp_path / "list.jsonl"))).complete
    text = write_card(out)
    assert "| CC0-1.0 | 2 |\n| not named | 1 |" in text
    assert verify(out) == []
    (out / "000000.json").write_bytes(_without_checksum((out / "000000.json").read_bytes().replace(b"CC0", b"CC1", 1)))
    assert any("license is 'CC0-1.0', the sidecar says 'CC1-1.0'" in str(fault) for fault in verify(out))


def _without_checksum(data):
    record = json.loads(data)
    del record["checksum"]
    return canonical_json(record, indent=1)


def test_nothing_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds neither shards, nor train and validation with some"):
        write_card(tmp_path)


def test_no_text_breaks_the_card(corpus):
    path = corpus / "000000.json"
    record = json.loads(path.read_bytes())
    record["samples"][0]["license"] = "CC | `BY`\n# <script>"
    path.write_bytes(sealed_bytes(record))
    text = write_card(corpus, CardConfig(title="a\n---\nlicense: mit", license="``x\n## y``"))
    assert header(text)["license"] == r"``x\n## y``"
    lines = text.splitlines()
    assert r"# a\\n---\\nlicense: mit" in lines
    assert r"| CC \| \`BY\`\\n\# \<script\> | 1 |" in lines
    assert any(line.startswith(r"``` ``x\n## y`` ```. A painting is") for line in lines)
