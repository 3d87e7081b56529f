import sys

import pytest

from underpaint.datagen.commands.command import ProgressLine, add_workers, corpus_parser


def test_what_commands_share():
    parser = corpus_parser("Look.")
    add_workers(parser)
    assert parser.parse_args(["s3://bucket/corpus"]).as_dict() == {"corpus": "s3://bucket/corpus", "workers": None}
    assert parser.parse_args(["corpus", "--workers", "0"]).workers == 0
    with pytest.raises(SystemExit):
        parser.parse_args([])


@pytest.mark.parametrize(("terminal", "shown"), [(False, ""), (True, "\rshard 000000 \rshard 000001 \n")])
def test_what_is_done_is_told_on_a_terminal_only(capsys, monkeypatch, terminal, shown):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    progress = ProgressLine("shard")
    for name in ("000000", "000001"):
        progress(name)
    progress.end()
    assert progress.count == 2
    assert capsys.readouterr().err == shown
