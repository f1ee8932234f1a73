from __future__ import annotations

import random
from collections.abc import Iterator

from chaffinch.explain.table import TermTable
from chaffinch.loop.study import study
from chaffinch.pages.study import study_page
from chaffinch.task import get_task
from chaffinch.types import Example, Item
from harmless import HOSTILE, read_page
from samples import mail, message

MAIL = get_task("mail")


def _own_words(draw: random.Random) -> bytes:
    # Or they would be near-copies of each other.
    return " ".join("".join(draw.choices("abcdefghij", k=8)) for _ in range(60)).encode()


def hostile_mails() -> Iterator[Example]:
    """Mails that hold a text wherever a report may show it: enough of them to be a pattern."""
    draw = random.Random(1)
    for text in HOSTILE:
        for number in range(12):
            words = {b"t": text.encode("utf-8", "replace"), b"n": number, b"w": _own_words(draw)}
            raw = (
                b"From: %(t)s <a@%(t)s>\nSubject: %(t)s %(n)d\nX-Mailer: %(t)s\nX-%(t)s: x\n"
                b"Content-Type: multipart/mixed; boundary=b\n\n--b\n"
                b"Content-Type: text/html; charset=%(t)s\n\n"
                b"%(w)s <a href='http://%(t)s/'>%(t)s</a>\n--b\n"
                b'Content-Type: application/octet-stream; name="a.%(t)s"\n\nx\n--b--\n'
            ) % words
            yield Example(Item(raw), "spam", f"{text}:{number}")
    for number in range(300):
        yield Example(Item(mail("ham", number)), "ham", "x")


def test_whatever_mails_hold_nothing_runs() -> None:
    found = study(TermTable.of(MAIL, hostile_mails()), top=100)
    page = read_page(study_page(MAIL, found, data="</title><script>"))
    assert page.unseen == ""
    for text in ("x-mailer: <script>alert(1)</script>", 'x-mailer: " onload="alert(1)'):
        assert text in page.text
    assert set(page.tags) <= set(
        "html head meta title style body h1 h2 p a div dl dt dd figure figcaption svg g path line "
        "text table thead tbody tr th td span details summary ul li strong code footer".split()
    )


def test_what_stands_in_it() -> None:
    examples = [
        Example(Item(mail(label, number)), label, f"{label}/{number}")
        for label in ("spam", "ham")
        for number in range(30)
    ]
    page = read_page(study_page(MAIL, study(TermTable.of(MAIL, examples)), data="my mail"))
    for words in ("What spam looks like", "in my mail", "Body", "When it comes", "spam/0"):
        assert words in page.text
    targets = [value[1:] for name, value in page.attributes if name == "href"]
    assert set(targets) <= {value for name, value in page.attributes if name == "id"}


def test_messages() -> None:
    task = get_task("message")
    examples = [
        Example(Item(message(label, number), "message"), label)
        for label in ("spam", "ham")
        for number in range(30)
    ]
    page = read_page(study_page(task, study(TermTable.of(task, examples))))
    assert "in the experience" in page.text
    assert "When it comes" not in page.text
