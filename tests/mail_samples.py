"""The written mails of tests/data, and ways to make them worse."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

DATA = Path(__file__).parent / "data"
NAMES = ("attachments", "broken", "hidden", "newsletter", "plain")

# What a mail is made of, and what breaks readers of it.
PIECES = (
    b"\n\n",
    b"\r\n",
    b"\r",
    b"\n",
    b"\0",
    b" ",
    b"\t",
    b"--",
    b":",
    b";",
    b"=",
    b'"',
    b"From x\n",
    b">From y\n z\n",
    b"Subject: =?utf-8?q?=C3?= =?utf-8?q?=A9?=\n",
    b"=?iso-2022-jp?b?GyRC?=",
    b"X-Chaffinch-Score: 1\n",
    b"X-Spam-Flag: NO\r\nx-spam-status: No\n",
    b"x-chaffinch-headers: none came with this mail\r\n",
    b"X-Chaffinch-Headers: none came with this mail\n",
    b"Content-Type: multipart/mixed; boundary=b\n",
    b"\n--b\n",
    b"\n--b--\n",
    b"Content-Type: message/rfc822\n\n",
    b"Content-Type: text/html; charset=utf-7\n\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Transfer-Encoding: quoted-printable\n",
    b"Content-Disposition: attachment; filename*0*=utf-8''a%; filename*1=b\n",
    b"<",
    b">",
    b"<!--",
    b"-->",
    b"<style>p{display:none}",
    b"</style>",
    b"<p style='color:white'>",
    b"<a href=\"http://a.example/'>",
    b"&#x110000;&#0;&#xd800;",
    b"+2AA-",
    b"\xff",
)


def sample(name: str) -> bytes:
    return (DATA / f"{name}.eml").read_bytes()


def patchworks() -> st.SearchStrategy[bytes]:
    """Bytes that look like mail in places."""
    piece = st.sampled_from(PIECES) | st.binary(max_size=4)
    return st.lists(piece, max_size=25).map(b"".join)


@st.composite
def mutants(draw: st.DrawFn) -> bytes:
    """A written mail with pieces taken out and put in."""
    data = sample(draw(st.sampled_from(NAMES)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=4))
        data = data[:start] + piece + data[start + draw(st.integers(0, 40)) :]
    return data


def any_bytes() -> st.SearchStrategy[bytes]:
    return st.binary(max_size=300) | patchworks() | mutants()
