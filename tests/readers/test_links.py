"""URLs written in text."""

from __future__ import annotations

import pytest

from chaffinch.readers.limits import Limits
from chaffinch.readers.links import Links
from chaffinch.readers.notes import Notes


def written(text: str) -> tuple[str, ...]:
    links = Links(Limits(), Notes())
    links.add_written(text)
    return links.found()


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("See http://a.b/c?d=e#f, (https://g.h/).", "http://a.b/c?d=e#f https://g.h/"),
        ("HTTP://A.b HTTPS://C.d FTP://e.f", "HTTP://A.b HTTPS://C.d FTP://e.f"),
        ("<http://a.b> \"http://c.d\" 'http://e.f'", "http://a.b http://c.d http://e.f"),
        ("www.a.b WWW.C.D http://www.e.f", "www.a.b WWW.C.D http://www.e.f"),
        ("http://www.a.b www.c.d http://e.f", "http://www.a.b www.c.d http://e.f"),
        ("x://a ://b http:/c me@www.d.e awww.f.g", ""),
        ("http://a.b/?u=http://c.d/", "http://a.b/?u=http://c.d/"),
        ("http://a.b http://a.b", "http://a.b"),
        ("xhttp://a.b", "http://a.b"),
        ("http:// www. http://, end", ""),
        ("", ""),
    ],
)
def test_urls_are_found_in_order(text: str, urls: str) -> None:
    assert written(text) == tuple(urls.split())


def test_so_many_marks_that_no_one_reads_them() -> None:
    assert written("x://y " * 10_001 + "http://a.example") == ()
    assert len(written("".join(f"http://{number} " for number in range(2000)))) == 500
