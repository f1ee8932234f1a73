"""Fetching over HTTP: bounded in time and size, and all or nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from http.client import HTTPMessage
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from chaffinch.datasets import download
from chaffinch.errors import SourceError
from serving import Site, serving


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    with serving() as found:
        yield found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "OPEN_SECONDS", 5.0)
    monkeypatch.setattr(download, "STALL_SECONDS", 0.3)


def test_a_file_is_fetched_with_progress(site: Site, tmp_path: Path) -> None:
    site.pages["/a/mail.tar"] = b"x" * 200_000
    seen: list[tuple[str, int, int | None]] = []
    download.download(
        site.url + "a/mail.tar", tmp_path / "t", progress=lambda *told: seen.append(told)
    )
    assert (tmp_path / "t").read_bytes() == b"x" * 200_000
    assert seen[-1] == ("mail.tar", 200_000, 200_000)
    assert len(seen) > 1


def send_short(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"x" * 50)


def send_and_stall(handler: BaseHTTPRequestHandler) -> None:
    send_short(handler)
    handler.wfile.flush()
    time.sleep(0.6)


def say_nothing(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(0.6)


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(10):
        handler.wfile.write(b"x")
        time.sleep(0.1)


def send_too_much(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b"x" * 5000)


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (send_short, "sent 50 of 100 bytes"),
        (send_and_stall, "stopped sending (timed out)"),
        (say_nothing, "cannot be reached (timed out)"),
        (drip, "sends too slowly"),
        (send_too_much, "sent more than the 1000 bytes expected"),
        (None, "cannot be reached (Not Found)"),
    ],
)
def test_what_goes_wrong_leaves_nothing(
    site: Site,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    page: Callable[[BaseHTTPRequestHandler], None] | None,
    message: str,
) -> None:
    if page is drip:
        monkeypatch.setattr(download, "SLOWEST", -1000 / 29.5)  # the deadline: half a second
    if page is not None:
        site.pages["/mail"] = page
    with pytest.raises(SourceError) as caught:
        download.download(site.url + "mail", tmp_path / "t", limit=1000)
    assert str(caught.value) == f"127.0.0.1 {message}"
    assert not (tmp_path / "t").exists()


def test_a_host_that_hangs_before_it_answers_is_not_waited_for(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "OPEN_SECONDS", 0.1)
    site.pages["/mail"] = say_nothing
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 did not answer within 0\.1 s"):
        download.download(site.url + "mail", tmp_path / "t")


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 cannot be reached"):
        download.download("http://127.0.0.1:1/mail", tmp_path / "t")


def test_redirects_are_followed(site: Site, tmp_path: Path) -> None:
    def move(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", "/there")
        handler.end_headers()

    site.pages |= {"/here": move, "/there": b"mail"}
    download.download(site.url + "here", tmp_path / "t")
    assert (tmp_path / "t").read_bytes() == b"mail"


def test_redirects_away_from_https_are_not() -> None:
    handler = download._KeepHttps()
    request = Request("https://example.org/a")
    with pytest.raises(HTTPError, match="redirected away from https") as caught:
        handler.redirect_request(
            request,
            BytesIO(),
            302,
            "",
            HTTPMessage(),
            "http://example.org/a",
        )
    caught.value.close()
    moved = handler.redirect_request(
        request,
        BytesIO(),
        302,
        "",
        HTTPMessage(),
        "https://example.org/b",
    )
    assert moved is not None
    assert moved.full_url == "https://example.org/b"
