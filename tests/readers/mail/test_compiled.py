"""The compiled kernel gives what its equal in Python gives, result for result."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import astuple
from importlib import import_module
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch import compiled
from chaffinch.readers.mail import DEFAULT, Limits
from chaffinch.readers.mail.content import MailContent
from mail_samples import NAMES, any_bytes, sample

KERNEL = "chaffinch.readers.mail._kernel"
READER = "chaffinch.readers.mail"
NARROW = Limits(
    raw=2000, block=150, value=20, headers=4, text=100, urls=3, url=20, depth=2, parts=3, tags=8
)


class Reader:
    """A copy of the reader of its own, with the kernel or without."""

    def __init__(self, wanted: bool) -> None:
        ours = [name for name in sys.modules if name == READER or name.startswith(f"{READER}.")]
        kept = {name: sys.modules.pop(name) for name in ours}
        before = compiled.WANTED
        compiled.WANTED = wanted
        try:
            self._read: Callable[..., MailContent] = import_module(READER).read_mail
            self._modules = {
                name: module for name, module in sys.modules.items() if name.startswith(READER)
            }
        finally:
            compiled.WANTED = before
            for name in self._modules:
                del sys.modules[name]
            sys.modules.update(kept)

    def module(self, name: str) -> ModuleType:
        return self._modules[f"{READER}.{name}"]

    def read(self, data: bytes, limits: Limits = DEFAULT) -> tuple[object, ...]:
        return astuple(self._read(data, limits))


@pytest.fixture(scope="module")
def pair() -> tuple[Reader, Reader]:
    """The reader with its kernel, and without."""
    try:
        import_module(KERNEL)
    except ModuleNotFoundError:
        if os.environ.get("CI") == "true":
            pytest.fail("the kernel was not built: its compiler's messages tell why")
        pytest.skip("the kernel was not built: 'pip install -e .' with a C compiler builds it")
    return Reader(True), Reader(False)


def test_the_two_are_two(pair: tuple[Reader, Reader]) -> None:
    fast, plain = (reader.module("headers").cut_fields for reader in pair)
    assert fast.__module__ == KERNEL
    assert plain.__module__ == f"{READER}.headers"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("limits", [DEFAULT, NARROW])
def test_written_mails_read_alike(pair: tuple[Reader, Reader], name: str, limits: Limits) -> None:
    fast, plain = pair
    assert fast.read(sample(name), limits) == plain.read(sample(name), limits)


@settings(max_examples=300)
@given(any_bytes(), st.sampled_from([DEFAULT, NARROW]))
def test_any_bytes_read_alike(pair: tuple[Reader, Reader], data: bytes, limits: Limits) -> None:
    fast, plain = pair
    assert fast.read(data, limits) == plain.read(data, limits)


HEADER = st.text(st.sampled_from("aZ0: \t\n\0\r\x1c\x85\xa0=?ÿ"), max_size=40)


@settings(max_examples=300)
@given(HEADER, st.integers(0, 5))
def test_header_blocks_are_cut_alike(pair: tuple[Reader, Reader], text: str, most: int) -> None:
    block = text.encode("latin-1")
    fast, plain = (reader.module("headers").cut_fields(block, most) for reader in pair)
    assert fast == plain
