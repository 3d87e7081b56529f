from __future__ import annotations

import re

from tests.datagen.report.helpers import a_row
from underpaint.datagen.report.page import CAPTION, render, row_data


def test_the_policy_knows_our_script_alone():
    values = {"title": "<t>", "subtitle": "<i>", "data": {"x": "</script><!--"}}
    page = render("base.html", ["serve.js"], reach="'self'", **values)
    assert "<title>&lt;t&gt;</title>" in page
    assert "&lt;i&gt;" in page
    assert re.search(r"script-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;", page)
    assert page.count("</script>") == 2
    assert "<!--" not in page


def test_a_very_long_caption_is_cut():
    assert row_data(a_row(caption="a" * CAPTION), 0)[2] == "a" * CAPTION
    assert row_data(a_row(caption="a" * 9999), 0)[2] == "a" * CAPTION + "…"
    assert row_data(a_row(caption=None), 0)[2] is None
