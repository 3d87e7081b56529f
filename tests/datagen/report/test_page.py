from __future__ import annotations

import re

import pytest

from tests.datagen.report.conftest import IMAGE, SCRIPT
from tests.datagen.report.helpers import a_row
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.build import write_report
from underpaint.datagen.report.page import CAPTION, render, row_data


@pytest.fixture(scope="module")
def address(hostile, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "report.html"
    write_report(Corpus(hostile), out)
    return out.as_uri()


@pytest.fixture
def report(address, visit):
    found = visit(address)
    yield found
    assert found.complaints == []
    assert [url for url in found.requested if not url.startswith(("file:", "data:", "blob:"))] == []


def shown(report, place="gallery"):
    return [card.get_attribute("data-key") for card in report.tab.locator(f"#{place} .card").all()]


def listed(report):
    return [cell.inner_text() for cell in report.tab.locator("#lines td:first-child").all()]


@pytest.mark.slow
def test_a_film_plays_while_pointed_at(report):
    card = report.tab.locator(".card").first
    image = card.locator(".picture img")
    assert report.pictures_seen(card, 2, tries=4) == 1
    card.hover()
    assert report.pictures_seen(card, 3) == 3
    assert image.get_attribute("src").startswith("blob:")
    report.tab.mouse.move(0, 0)
    assert image.get_attribute("src").startswith("data:")


@pytest.mark.slow
def test_search_and_filter(report):
    assert len(shown(report)) == 12
    report.tab.locator("#search").fill("RED")
    assert len(shown(report)) == len(listed(report)) == 4
    report.tab.locator("#search").fill("barn red")
    assert shown(report) == ["00000004-p2-bezier", "00000004-p2-oil"]
    report.tab.get_by_role("button", name="oil", exact=False).first.click()
    assert shown(report) == listed(report) == ["00000004-p2-oil"]
    assert report.tab.locator("#count").inner_text() == "1 of 12 samples"
    assert report.tab.locator("svg .dim").count() > 0
    report.tab.locator("#search").fill("nobody")
    assert shown(report) == []
    assert report.tab.locator("#gallery").inner_text() == "None fits."
    report.tab.locator("#search").fill("")
    report.tab.get_by_role("button", name="all", exact=True).click()
    assert len(shown(report)) == 12
    assert report.tab.locator("svg .dim").count() == 0


@pytest.mark.slow
def test_captions_stay_text(report):
    words = report.tab.locator("#gallery .words").all_inner_texts()
    assert {SCRIPT, IMAGE} <= set(words)
    assert report.tab.locator("img[src=x]").count() == 0
    report.tab.get_by_text("not-a-picture").click()
    assert report.tab.get_by_text("<b onclick=alert(3)>bad.jpg").is_visible()
    report.tab.locator(".card", has_text="onerror").first.click()
    assert report.tab.locator("dialog h2").inner_text() == IMAGE
    assert report.tab.locator("script").count() == 2


@pytest.mark.slow
def test_the_sheet_of_a_sample(report):
    report.tab.locator("#lines a").nth(2).click()
    sheet = report.tab.locator("dialog")
    assert sheet.is_visible()
    text = sheet.inner_text()
    for part in ("48 × 48 px", "layout", "PSNR from"):
        assert part in text
    report.tab.locator("dialog img[src^='blob:']").wait_for()
    sheet.get_by_role("button", name="Close").click()
    assert not sheet.is_visible()


@pytest.mark.slow
def test_the_sheet_tells_the_licence_and_links_nowhere(report):
    report.tab.locator(".card", has_text=SCRIPT).first.click()
    text = report.tab.locator("dialog").inner_text()
    assert "CC0 <b>" in text
    assert "javascript:alert(4)" in text
    assert report.tab.locator("dialog a").count() == 0


@pytest.mark.slow
def test_the_table_sorts(report):
    head = report.tab.get_by_role("button", name="PSNR, dB")
    psnr = report.tab.locator("#lines td:nth-child(5)")
    head.click()
    values = [float(text) for text in psnr.all_inner_texts()]
    assert values == sorted(values, reverse=True)
    head.click()
    values = [float(text) for text in psnr.all_inner_texts()]
    assert values == sorted(values)
    assert report.tab.locator("th[aria-sort=ascending]").inner_text().endswith("PSNR, dB")


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
