from __future__ import annotations

import http.client
from http import HTTPStatus

import pytest

from tests.datagen.report.conftest import SCRIPT
from underpaint.datagen.corpus import Corpus
from underpaint.datagen.report.server import Site, make_server


@pytest.fixture
def site(hostile):
    return Site(Corpus(hostile))


def test_films_are_the_samples_own(site):
    for number, sample in enumerate(site.corpus):
        assert site.answer(f"/sample/{number}/film.webp") == (HTTPStatus.OK, "image/webp", sample.member("webp"))
        for kind in ("poster", "strip"):
            status, form, content = site.answer(f"/sample/{number}/{kind}.webp")
            assert (status, form, content[8:12]) == (HTTPStatus.OK, "image/webp", b"WEBP")


@pytest.mark.parametrize(
    "address",
    [
        "/sample/12/film.webp",
        "/sample/-1/film.webp",
        "/sample/0/film.webp/..",
        "/sample/0/json",
        "/../job.json",
        "/job.json",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "//[",
        "/sample/../../etc/passwd",
        "/sample/9999999999999999999/film.webp",
        "/sample/²/film.webp",
    ],
)
def test_nothing_else_is_there(site, address):
    status, form, content = site.answer(address)
    assert (status, form.partition(";")[0]) == (HTTPStatus.NOT_FOUND, "text/plain")
    assert b"root" not in content


def test_a_page_escapes_and_goes_on(hostile):
    site = Site(Corpus(hostile), size=5)
    status, _, content = site.answer("/?q=a&from=0")
    page = content.decode()
    assert status == HTTPStatus.OK
    assert SCRIPT not in page
    assert "&lt;i&gt;" in page
    assert "samples 1 to " in page
    assert 'href="/?q=a&amp;from=' in page
    assert "Previous" not in page
    page = site.answer("/?from=7")[2].decode()
    assert 'href="/?before=7"' in page
    assert "Next" not in page
    assert "samples 3 to 7" in site.answer("/?before=7")[2].decode()


@pytest.mark.parametrize(
    "query", ["from=x", "from=-3", "before=", "renderer=%3Cb%3E&q=%3Cscript%3Ealert(1)%3C/script%3E"]
)
def test_odd_queries(site, query):
    status, _, content = site.answer(f"/?{query}")
    assert status == HTTPStatus.OK
    assert b"<b>" not in content
    assert b"<script>alert" not in content


def test_a_damaged_sample_is_told(corpus):
    site = Site(Corpus(corpus))
    (corpus / "000000.tar").write_bytes(b"short")
    status, _, content = site.answer("/")
    assert status == HTTPStatus.INTERNAL_SERVER_ERROR
    assert b"000000.tar ends within" in content
    assert site.answer("/sample/0/poster.webp")[0] == HTTPStatus.INTERNAL_SERVER_ERROR


def asked(port, address, host="localhost"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", address, headers={"Host": host})
    answer = connection.getresponse()
    return answer, answer.read()


def test_over_the_wire(port):
    answer, content = asked(port, "/")
    assert (answer.status, answer.getheader("Content-Type")) == (200, "text/html; charset=utf-8")
    assert b"corpus &lt;i&gt;" in content
    assert asked(port, "/sample/0/film.webp")[1][8:12] == b"WEBP"
    assert asked(port, "/../../etc/passwd")[0].status == 404


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1:8420", 200), ("[::1]:1", 200), ("evil.example", 403), ("", 403), ("[", 403)]
)
def test_names_from_elsewhere_are_refused(port, host, status):
    assert asked(port, "/", host)[0].status == status


def test_a_port_that_is_taken(port, hostile):
    with pytest.raises(ValueError, match="use another --port"):
        make_server(Corpus(hostile), port=port)
    with pytest.raises(ValueError, match="use another --port"):
        make_server(Corpus(hostile), port=99999)
