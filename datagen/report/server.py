"""`underpaint-data serve`: a corpus in a browser, a page at a time, however large it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlencode

from underpaint.datagen.corpus import Corpus
from underpaint.datagen.format.webp import encode_frames
from underpaint.datagen.report import words
from underpaint.datagen.report.films import poster, strip
from underpaint.datagen.report.gallery import PAGE, Page, PageRequest, find_page, samples_by_renderer
from underpaint.datagen.report.page import film_data, groups_data, render, row_data
from underpaint.datagen.report.rows import colour_of, columns, ordered
from underpaint.texts import printable, well_formed

# Posters and strips of the last pages, 8 kB each: going back is quick, and memory stays small.
_KEPT = 600
_HOST = re.compile(r"(?:\[([^\]]*)\]|([^:]*))(?::[0-9]+)?")  # name or address, and port
_PICTURE = re.compile(r"/sample/([0-9]{1,12})/(film|poster|strip)\.webp")
_HTML, _WEBP, _TEXT = "text/html; charset=utf-8", "image/webp", "text/plain; charset=utf-8"


class Site:
    """The site of one corpus: what the server answers to each address. It only reads the corpus.

    Args:
        corpus: the corpus to show.
        size: number of cards on a page.
    """

    def __init__(self, corpus: Corpus, *, size: int = PAGE) -> None:
        self.corpus = corpus
        self._size = size
        self._counts = samples_by_renderer(corpus)
        self._thumbnails = lru_cache(_KEPT)(self._make_thumbnails)

    def answer(self, address: str) -> tuple[HTTPStatus, str, bytes]:
        """Answer a path with its query, as a browser asks for it: status, type and content."""
        path, _, query = address.partition("?")
        try:
            if path == "/":
                asked = {name: values[-1] for name, values in parse_qs(query).items()}
                return HTTPStatus.OK, _HTML, well_formed(self.page(_requested(asked))).encode()
            # By number, so no address can lead to any other file.
            found = _PICTURE.fullmatch(path)
            if found and int(found[1]) < len(self.corpus):
                return HTTPStatus.OK, _WEBP, self._picture(int(found[1]), found[2])
        except (ValueError, OSError) as error:
            return HTTPStatus.INTERNAL_SERVER_ERROR, _TEXT, f"{printable(str(error))}\n".encode()
        return HTTPStatus.NOT_FOUND, _TEXT, b"There is nothing here. The corpus is at /.\n"

    def _picture(self, number: int, kind: str) -> bytes:
        if kind == "film":
            sample = self.corpus[number]
            return sample.member("webp") if "webp" in sample.entry.members else encode_frames(sample.frames())
        return self._thumbnails(number)[kind]

    def _make_thumbnails(self, number: int) -> dict[str, bytes]:
        frames = self.corpus[number].frames()
        return {"poster": poster(frames), "strip": strip(frames)}

    def page(self, request: PageRequest) -> str:
        """Return the page with the samples that are asked for."""
        page = find_page(self.corpus, request, size=self._size)
        rows = [row for _, row in page.rows]
        groups = ordered({row.group for row in rows})
        data = {
            "columns": columns(rows),
            "groups": groups_data({name: sum(row.group == name for row in rows) for name in groups}),
            "rows": [row_data(row, groups.index(row.group)) for row in rows],
            "films": {
                place: film_data(row, address=f"/sample/{number}/") for place, (number, row) in enumerate(page.rows)
            },
        }
        return render(
            "serve.html",
            ["cards.js", "serve.js"],
            reach="'self' data: blob:",
            title=words.title(self.corpus),
            subtitle=words.subtitle(self.corpus.store),
            query=request.query,
            renderer=request.renderer,
            chips=self._chips(request),
            position=f"samples {page.first + 1:,} to {page.after:,} of {page.count:,}",
            none=_none(page),
            links=_links(page, request),
            data=data,
        )

    def _chips(self, request: PageRequest) -> list[dict[str, Any]]:
        every = {
            "name": "all",
            "kind": "",
            "count": "",
            "on": not request.renderer,
            "href": _href(request, renderer="", start=0),
        }
        return [every] + [
            {
                "name": name,
                "kind": f"g{colour_of(name)}",
                "count": f"{count:,}",
                "on": request.renderer == name,
                "href": _href(request, renderer=name, start=0),
            }
            for name, count in self._counts.items()
        ]


def _requested(asked: Mapping[str, str]) -> PageRequest:
    backwards = "before" in asked
    start = asked.get("before" if backwards else "from", "0")
    return PageRequest(
        query=asked.get("q", "").strip(),
        renderer=asked.get("renderer", ""),
        start=int(start) if re.fullmatch(r"[0-9]{1,12}", start) else 0,
        backwards=backwards,
    )


def _href(request: PageRequest, *, renderer: str, start: int, backwards: bool = False) -> str:
    place = {"before" if backwards else "from": start} if start else {}
    return "/?" + urlencode(
        {name: value for name, value in (("q", request.query), ("renderer", renderer)) if value} | place
    )


def _links(page: Page, request: PageRequest) -> list[tuple[str, str]]:
    """Return where to go from here, as (name, address)."""
    links = []
    if page.first > 0:
        links.append(("First", _href(request, renderer=request.renderer, start=0)))
        links.append(("Previous", _href(request, renderer=request.renderer, start=page.first, backwards=True)))
    if page.after < page.count:
        links.append(("Next", _href(request, renderer=request.renderer, start=page.after)))
    return links


def _none(page: Page) -> str:
    if page.first == 0 and page.after == page.count:
        return "None fits."
    return "None of these fits; there is more to look through."


def make_server(corpus: Corpus, *, host: str = "127.0.0.1", port: int = 0) -> ThreadingHTTPServer:
    """Open a server that is ready for `serve_forever`; port 0 takes any free one, see its `server_port`.

    Raises:
        ValueError: the port is taken or not allowed, or the host isn't one of this machine's addresses.
    """
    site = Site(corpus)
    handler = type("Handler", (_Handler,), {"site": site, "local": _is_local(host)})
    try:
        server = ThreadingHTTPServer((host, port), handler)
    except (OSError, OverflowError) as error:
        raise ValueError(f"can't listen at {host}:{port} ({error}): use another --port or --host") from error
    server.daemon_threads = True
    return server


def _is_local(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class _Handler(BaseHTTPRequestHandler):
    """A handler that passes requests on to a site."""

    site: Site
    local: bool
    protocol_version = "HTTP/1.1"
    timeout = 60  # s; browsers open connections that they never use

    def do_GET(self) -> None:
        asked = _HOST.fullmatch(self.headers.get("Host", ""))
        if self.local and not (asked and _is_local(asked[1] or asked[2])):
            # A page from elsewhere whose name was made to lead here would otherwise read the corpus.
            self._send(HTTPStatus.FORBIDDEN, _TEXT, b"This server answers to localhost only.\n")
            return
        self._send(*self.site.answer(self.path))

    def _send(self, status: HTTPStatus, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        # The numbers of samples mean others in another corpus, which may come to the same port.
        self.send_header("Cache-Control", "no-store")
        with suppress(ConnectionError):  # browsers hang up when somebody turns the page
            self.end_headers()
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: a page asks for fifty pictures."""
