from __future__ import annotations

from underpaint.datagen.pictures.picture import BadPicture
from underpaint.pipelines.app.lines import said, wrong

ERROR = '<p class="error" role="alert">{}</p>'


def test_what_is_said() -> None:
    assert said("<b> & more") == "<p>&lt;b&gt; &amp; more</p>"
    assert wrong(ValueError("two\n  lines of <b>")) == ERROR.format("two lines of &lt;b&gt;")
    assert wrong(FileNotFoundError(2, "No such file", "/tmp/x/a.png")) == ERROR.format("a.png: No such file")
    assert wrong(BadPicture("not-a-picture", "no known format")) == ERROR.format("not-a-picture: no known format")
    assert wrong("no picture") == ERROR.format("no picture")
