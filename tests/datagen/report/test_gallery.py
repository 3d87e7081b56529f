from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.gallery import PageRequest, find_page, samples_by_renderer


@pytest.fixture(scope="module")
def corpus(hostile):
    return Corpus(hostile)


def numbers(page):
    return [number for number, _ in page.rows]


def test_pages_forwards_and_backwards(corpus):
    first = find_page(corpus, PageRequest(), size=5)
    assert (numbers(first), first.first, first.after, first.count) == ([0, 1, 2, 3, 4], 0, 5, 12)
    last = find_page(corpus, PageRequest(start=10), size=5)
    assert (numbers(last), last.first, last.after) == ([10, 11], 10, 12)
    before = find_page(corpus, PageRequest(start=10, backwards=True), size=5)
    assert (numbers(before), before.first, before.after) == ([5, 6, 7, 8, 9], 5, 10)


def test_only_what_fits(corpus):
    page = find_page(corpus, PageRequest(query="RED a", renderer="oil"))
    assert [row.caption for _, row in page.rows] == ["a red barn", "a red boat"]
    assert {row.group for _, row in page.rows} == {"oil"}
    assert numbers(find_page(corpus, PageRequest(query="p3.png"))) == [6, 7]
    assert numbers(find_page(corpus, PageRequest(renderer="ink"))) == []


def test_beyond_the_end(corpus):
    page = find_page(corpus, PageRequest(start=99))
    assert (page.rows, page.first, page.after) == ([], 12, 12)


def test_a_long_search_is_done_in_parts(corpus):
    page = find_page(corpus, PageRequest(query="nobody"), seconds=-1)
    assert (page.rows, page.first, page.after) == ([], 0, 1)
    page = find_page(corpus, PageRequest(query="nobody", start=5, backwards=True), seconds=-1)
    assert (page.rows, page.first, page.after) == ([], 4, 5)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 13), st.sampled_from(["", "red", "barn", "oil", "nobody"]), st.sampled_from(["", "oil"]))
def test_turning_pages_misses_nothing_and_shows_nothing_twice(corpus, size, query, renderer):
    wanted = numbers(find_page(corpus, PageRequest(query=query, renderer=renderer), size=100))
    seen, start = [], 0
    while start < len(corpus):
        page = find_page(corpus, PageRequest(query=query, renderer=renderer, start=start), size=size)
        seen += numbers(page)
        start = page.after
    assert seen == wanted
    seen = []
    while start > 0:
        page = find_page(corpus, PageRequest(query=query, renderer=renderer, start=start, backwards=True), size=size)
        seen = numbers(page) + seen
        start = page.first
    assert seen == wanted


def test_renderers_are_counted(corpus):
    assert samples_by_renderer(corpus) == {"bezier": 6, "oil": 6}
