import json

import pytest

from tests.datagen.helpers import answer
from underpaint.datagen.cli import main


def test_verify_in_one_process_and_in_several(corpus, capsys):
    assert answer(capsys, "verify", corpus) == "3 shards checked; faults: none\n"
    (corpus / "000001.tar").write_bytes(b"")
    said = [answer(capsys, "verify", corpus, "--workers", workers, status=1) for workers in (0, 1)]
    assert said[0] == said[1]
    assert "000001: size: 000001.tar has 0 bytes" in said[0]


def test_verify_a_share(corpus, capsys):
    damaged = corpus / "000001.tar"
    data = bytearray(damaged.read_bytes())
    data[600] ^= 1
    damaged.write_bytes(data)
    found = {
        seed: main(["verify", str(corpus), "--sample", "10%", "--seed", str(seed), "--workers", "0"])
        for seed in range(12)
    }
    assert set(found.values()) == {0, 1}  # one of three shards is read
    assert "10% of them read" in capsys.readouterr().out
    assert answer(capsys, "verify", corpus, "--sample", "0%", "--workers", "0").endswith("faults: none\n")
    assert "checksum" in answer(capsys, "verify", corpus, "--replay", "false", "--workers", "0", status=1)
    for share in ("5", "a%", "101%", "-1%", "some"):
        assert main(["verify", str(corpus), f"--sample={share}"]) == 2
        assert "a share of the shards such as 1%" in capsys.readouterr().err


def test_verify_and_repair(corpus, capsys):
    before = (corpus / "000001.tar").read_bytes()
    (corpus / "000001.tar").write_bytes(before[:-1])
    (corpus / "manifest.json").unlink()
    said = answer(capsys, "verify", corpus, "--repair", "--workers", "0")
    assert said == "000001: repaired\n3 shards checked; faults: none\n"
    assert (corpus / "000001.tar").read_bytes() == before
    (corpus / "000001.tar").write_bytes(before[:-1])
    assert main(["verify", str(corpus), "--source", "elsewhere"]) == 2
    assert main(["verify", str(corpus), "--repair", "--source", str(corpus / "none"), "--workers", "0"]) == 2
    assert "pictures are gone" in capsys.readouterr().err
    (corpus / "000009.tar").write_bytes(b"")
    found = json.loads(answer(capsys, "verify", corpus, "--repair", "--json", "--workers", "0", status=1))
    assert found["repaired"] == ["000001"]
    assert list(found["failed"]) == ["000009"]


def test_manifest_stats_and_card(corpus, capsys):
    before = (corpus / "manifest.json").read_bytes()
    (corpus / "manifest.json").unlink()
    assert "10 samples in 3 shards" in answer(capsys, "manifest", corpus)
    assert (corpus / "manifest.json").read_bytes() == before
    assert "bezier" in answer(capsys, "stats", corpus, "--samples", "2")
    record = json.loads(answer(capsys, "stats", corpus, "--json"))
    assert record["renderers"]["bezier"]["curves"]["samples"] == 10
    assert answer(capsys, "card", corpus, "--license", "cc0-1.0", "--title", "Ten") == f"{corpus}/README.md\n"
    assert "license: cc0-1.0" in (corpus / "README.md").read_text()
    assert answer(capsys, "verify", corpus, "--sample", "0%", "--workers", "0").endswith("faults: none\n")


@pytest.mark.parametrize("command", ["manifest", "stats", "card", "verify"])
def test_nothing_there(tmp_path, capsys, command):
    assert main([command, str(tmp_path / "none")]) == 2
    assert "none" in capsys.readouterr().err
