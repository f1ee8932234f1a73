"""The compiled kernels give what their equals in Python give, result for result."""

from __future__ import annotations

import os
import sys
from dataclasses import astuple
from importlib import import_module
from types import ModuleType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chaffinch import compiled
from chaffinch.readers.limits import Limits
from chaffinch.readers.mail import DEFAULT, MailLimits
from mail_samples import NAMES, any_bytes, sample

READERS = "chaffinch.readers"
KERNELS = (f"{READERS}._kernel", f"{READERS}.html._kernel")
NARROW = MailLimits(
    raw=2000, block=150, value=20, headers=4, text=100, urls=3, url=20, depth=2, parts=3, tags=8
)
NARROW_MESSAGE = Limits(raw=2000, text=100, urls=3, url=20, tags=8)


class Readers:
    """A copy of the readers of its own, with the kernels or without."""

    def __init__(self, wanted: bool) -> None:
        ours = [name for name in sys.modules if name.startswith(f"{READERS}.")]
        kept = {name: sys.modules.pop(name) for name in ours}
        before = compiled.WANTED
        compiled.WANTED = wanted
        try:
            for room in ("mail", "message"):
                import_module(f"{READERS}.{room}")
            self._modules = {
                name: module
                for name, module in sys.modules.items()
                if name.startswith(f"{READERS}.")
            }
        finally:
            compiled.WANTED = before
            for name in self._modules:
                del sys.modules[name]
            sys.modules.update(kept)

    def module(self, name: str) -> ModuleType:
        return self._modules[f"{READERS}.{name}"]

    def read(self, data: bytes, limits: MailLimits = DEFAULT) -> tuple[object, ...]:
        return astuple(self.module("mail").read_mail(data, limits))

    def read_message(self, data: bytes, *limits: Limits) -> tuple[object, ...]:
        return astuple(self.module("message").read_message(data, *limits))


@pytest.fixture(scope="module")
def pair() -> tuple[Readers, Readers]:
    """The readers with their kernels, and without."""
    try:
        for kernel in KERNELS:
            import_module(kernel)
    except ModuleNotFoundError:
        if os.environ.get("CI") == "true":
            pytest.fail("a kernel was not built: its compiler's messages tell why")
        pytest.skip("a kernel was not built: 'pip install -e .' with a C compiler builds it")
    if not compiled.WANTED:
        pytest.skip("CHAFFINCH_PURE is set: the other run of the tests holds the two together")
    return Readers(True), Readers(False)


def test_the_two_are_two(pair: tuple[Readers, Readers]) -> None:
    for name, function, kernel in (
        ("mail.headers", "cut_fields", KERNELS[0]),
        ("links", "find_written", KERNELS[0]),
        ("html.page", "fold", KERNELS[1]),
    ):
        fast, plain = (getattr(readers.module(name), function) for readers in pair)
        assert fast.__module__ == kernel
        assert plain.__module__ == f"{READERS}.{name}"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limits", [DEFAULT, NARROW])
def test_written_mails_read_alike(
    pair: tuple[Readers, Readers], name: str, limits: MailLimits
) -> None:
    fast, plain = pair
    assert fast.read(sample(name), limits) == plain.read(sample(name), limits)


@settings(max_examples=300)
@given(any_bytes(), st.sampled_from([DEFAULT, NARROW]))
def test_any_bytes_read_alike(
    pair: tuple[Readers, Readers], data: bytes, limits: MailLimits
) -> None:
    fast, plain = pair
    assert fast.read(data, limits) == plain.read(data, limits)


def texts(*pieces: str) -> st.SearchStrategy[str]:
    """Texts of these pieces, with other characters between them, some of two and four bytes."""
    other = st.sampled_from("aZ0_ \t\n\r\x1c\x85\xa0ÿİ\u017f\u212a\u3000\u4e00\U0001f600")
    return st.lists(st.sampled_from(pieces) | other, max_size=30).map("".join)


def latin(*pieces: str) -> st.SearchStrategy[bytes]:
    return texts(*pieces).map(lambda text: text.encode("latin-1", "ignore"))


MARKS = "& &amp; &#x41; = \" ' / > <".split()
HEADS = texts(*MARKS, "a", "/a", "td", "style", "href", "COLOR", "color=white", 'alt="b', "b='c'")

# The module of a function, its name, and what it is called with.
Case = tuple[str, str, st.SearchStrategy[tuple[object, ...]]]
CASES: list[Case] = [
    ("mail.headers", "block_end", st.tuples(latin("\n\n", ":", "From ", ">", "\0", "\nA: b"))),
    ("mail.headers", "cut_fields", st.tuples(
        latin("\n", ":", " :", "\0", "A: b"), st.integers(0, 5)
    )),
    ("html.page", "fold", st.tuples(texts("\0", " ", "  ", "\0\0"))),
    ("links", "find_written", st.tuples(
        texts("http://", "HTTPS://", "ftp:/", "://", "www.", "WWW.", "w", ":", "<", "@", ".", "%"),
        st.sampled_from(["://", "www.", "WWW."]),
        st.integers(0, 4),
    )),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name", "arguments"), CASES, ids=[case[1] for case in CASES])
@given(st.data())
def test_functions_are_equal(
    pair: tuple[Readers, Readers],
    module: str,
    name: str,
    arguments: st.SearchStrategy[tuple[object, ...]],
    data: st.DataObject,
) -> None:
    drawn = data.draw(arguments)
    fast, plain = (getattr(readers.module(module), name)(*drawn) for readers in pair)
    assert fast == plain


FIELDS = "name mark ends void closes targets classes identity".split()


def told(readers: Readers, head: str) -> tuple[object, ...]:
    """What the readers say of the tag of these characters."""
    tags = readers.module("html.tags")
    tag = tags.tell_tag(head, tags.ODD)
    return (tag is tags.ODD, tuple(tag.change), *[getattr(tag, name) for name in FIELDS])


@settings(max_examples=500)
@given(HEADS)
@example("a " + "b=c " * 201)
@example("td bac\u212aground=x")
@example("\u0130a href=x")
def test_tags_are_told_alike(pair: tuple[Readers, Readers], head: str) -> None:
    fast, plain = pair
    assert told(fast, head) == told(plain, head)
    assert told(fast, "a " + head) == told(plain, "a " + head)


PAGES = texts(
    "\0", "<p>", "</p>", "<b>", "</b>", "<td>", "<li>", "<table>", "</table>", "<br>", "<!--",
    "-->",
    "<font color=white>", "<font color=red>", "</font>", "<p style='display:none'>", "<div hidden>",
    "</div>", "<style>.x{display:none}</style>", "<i class=x>", "</i>", "<a href=/b>", "</a>",
    "<img alt='>' src=c>", "<title>", "</title>", "<", ">", "'", '"', "&nbsp;", "&am", "p;",
)  # fmt: skip


@settings(max_examples=500)
@given(PAGES, st.sampled_from([1, 80]), st.sampled_from([DEFAULT, NARROW]))
def test_pages_are_read_alike(
    pair: tuple[Readers, Readers], page: str, times: int, limits: MailLimits
) -> None:
    fast, plain = pair
    mail = b"Content-Type: text/html; charset=utf-8\n\n" + (page * times).encode()
    assert fast.read(mail, limits) == plain.read(mail, limits)


@given(PAGES | texts("http://", "www.", "a.com/", "<b>", "&amp;"), st.booleans())
def test_messages_are_read_alike(pair: tuple[Readers, Readers], text: str, narrow: bool) -> None:
    fast, plain = pair
    limits = [NARROW_MESSAGE] if narrow else []
    assert fast.read_message(text.encode(), *limits) == plain.read_message(text.encode(), *limits)


@pytest.mark.parametrize("wrong", [None, b"bytes", 1, ["a"]])
def test_what_is_no_text_is_refused(pair: tuple[Readers, Readers], wrong: object) -> None:
    fast, _ = pair
    for module, name in (("html.page", "fold"), ("html.tags", "parse_tag")):
        with pytest.raises(TypeError):
            getattr(fast.module(module), name)(wrong)
    with pytest.raises(TypeError):
        fast.module("mail.headers").cut_fields("text", 1)
    with pytest.raises((AttributeError, TypeError)):
        fast.module("html.page").flow([wrong], [""])


def test_indices_are_checked(pair: tuple[Readers, Readers]) -> None:
    fast, _ = pair
    for wrong in (-1, 4, 1 << 60):
        with pytest.raises(IndexError):
            fast.module("links").begin_of("www.", wrong)
    with pytest.raises(IndexError):
        fast.module("html.tags").parse_tag("")
    with pytest.raises(IndexError):
        fast.module("html.page").flow([fast.module("html.tags").NO_TAG], [])
