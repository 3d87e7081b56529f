"""Pages as a browser shows them; without one, a single test is skipped."""

from __future__ import annotations

import pytest

from tests.conftest import chromium
from tests.datagen.report.conftest import IMAGE, SCRIPT
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.build import write_report

if not chromium():
    pytest.skip("no chromium", allow_module_level=True)

pytestmark = pytest.mark.slow


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


def test_a_film_plays_while_pointed_at(report):
    card = report.tab.locator(".card").first
    image = card.locator(".picture img")
    assert report.pictures_seen(card, 2, tries=4) == 1
    card.hover()
    assert report.pictures_seen(card, 3) == 3
    assert image.get_attribute("src").startswith("blob:")
    report.tab.mouse.move(0, 0)
    assert image.get_attribute("src").startswith("data:")


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


def test_captions_stay_text(report):
    words = report.tab.locator("#gallery .words").all_inner_texts()
    assert {SCRIPT, IMAGE} <= set(words)
    assert report.tab.locator("img[src=x]").count() == 0
    report.tab.get_by_text("not-a-picture").click()
    assert report.tab.get_by_text("<b onclick=alert(3)>bad.jpg").is_visible()
    report.tab.locator(".card", has_text="onerror").first.click()
    assert report.tab.locator("dialog h2").inner_text() == IMAGE
    assert report.tab.locator("script").count() == 2


def test_the_sheet_of_a_sample(report):
    report.tab.locator("#lines a").nth(2).click()
    sheet = report.tab.locator("dialog")
    assert sheet.is_visible()
    text = sheet.inner_text()
    for part in ("48 × 48 px", "modelling", "PSNR from"):
        assert part in text
    report.tab.locator("dialog img[src^='blob:']").wait_for()
    sheet.get_by_role("button", name="Close").click()
    assert not sheet.is_visible()


def test_the_sheet_tells_the_licence_and_links_nowhere(report):
    report.tab.locator(".card", has_text=SCRIPT).first.click()
    text = report.tab.locator("dialog").inner_text()
    assert "CC0 <b>" in text
    assert "javascript:alert(4)" in text
    assert report.tab.locator("dialog a").count() == 0


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


def test_paging_through_a_corpus(port, visit):
    page = visit(f"http://127.0.0.1:{port}/")
    card = page.tab.locator(".card").first
    card.hover()
    assert page.pictures_seen(card, 3) == 3
    with page.tab.expect_navigation():  # to its end: cards that aren't there yet aren't counted
        page.tab.get_by_role("link", name="oil").click()
    assert page.tab.locator(".card").count() == 6
    page.tab.get_by_role("searchbox").fill("red")
    with page.tab.expect_navigation(url="**q=red**"):
        page.tab.keyboard.press("Enter")
    assert page.tab.locator(".words").all_inner_texts() == ["a red barn", "a red boat"]
    page.tab.locator(".card").first.click()
    assert page.tab.locator("dialog h2").inner_text() == "a red barn"
    assert page.complaints == []
    assert {url.split("/")[2] for url in page.requested if url.startswith("http")} == {f"127.0.0.1:{port}"}


def test_a_phone_shows_all_without_sideways_scrolling(report):
    report.tab.set_viewport_size({"width": 390, "height": 844})
    assert report.tab.evaluate("document.documentElement.scrollWidth") == 390
    caption = report.tab.locator("#lines td:nth-child(2)").first
    assert caption.bounding_box()["width"] > 300, "words stand beside each other"
    assert report.tab.locator("#lines td.number").first.is_visible()
