"""Domains written without a scheme."""

from __future__ import annotations

import pytest

from chaffinch.readers.message.domains import written_domains


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("win.example.com now", "win.example.com"),
        ("(PRIZES.CO.UK)", "PRIZES.CO.UK"),
        ("at a-b.net/x?y=z. Bye", "a-b.net/x?y=z"),
        ("sho.rt/abc bit.ly/x", "sho.rt/abc bit.ly/x"),
        ("I am home.See you.ok?", ""),
        ("me@example.com", ""),
        ("http://example.com/a.com https://b.com", ""),
        ("e.g. 3.50 v1.2.3 ...", ""),
        ("1.2/3 and/or.this", ""),
        ("and/or a.b/", ""),
        (".com com. -.com", ""),
    ],
)
def test_domains(text: str, found: str) -> None:
    assert written_domains(text) == found.split()
