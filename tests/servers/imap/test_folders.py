"""Folders that get other numbers, other names, or other meanings teach nothing."""

from __future__ import annotations

import pytest

from chaffinch.servers.guard.guard import Done
from guarded import Guarded


@pytest.fixture
def full(box: Guarded) -> Guarded:
    """A mailbox with junk that was moved there, and other mail."""
    for number, label in enumerate(("spam", "ham") * 2, 1001):
        box.deliver(label, number)
    assert box.look() == Done(judged=4, moved=2)
    return box


@pytest.mark.parametrize("folder", ["INBOX", "Junk"])
def test_new_numbers(full: Guarded, folder: str) -> None:
    full.renumber(folder)
    assert full.look() == Done()
    full.move(1001, "Junk", "INBOX")
    full.move(1002, "INBOX", "Junk")
    full.deliver("spam", 1005)
    assert full.look() == Done(judged=1, moved=1, spam=1, ham=1)
    assert full.flags() == {"1001": "ham", "1002": "spam"}


def test_new_numbers_while_mail_waits_and_is_moved(full: Guarded) -> None:
    full.renumber("INBOX")
    full.renumber("Junk")
    full.deliver("spam", 1005)
    full.move(1002, "INBOX", "Junk")
    assert full.look() == Done(judged=1, moved=1, spam=1)
    assert full.flags() == {"1002": "spam"}


def test_new_names(full: Guarded) -> None:
    with full.person() as client:
        client.create_folder("Lists")
    full.look()
    full.move(1002, "INBOX", "Lists")
    full.look()
    with full.person() as client:
        client.rename_folder("Lists", "Lists of old")
        # The server makes another of this name, as it does of those that it says are for something.
        client.rename_folder("Junk", "Old junk")
    assert full.look() == Done()
    full.move(1002, "Lists of old", "Junk")
    assert full.look() == Done(spam=1)
    # What was junk is a folder as any other now.
    full.move(1001, "Old junk", "INBOX")
    assert full.look() == Done()
    assert full.flags() == {"1002": "spam"}


def test_another_folder_for_junk(full: Guarded) -> None:
    with full.person() as client:
        client.create_folder("Räuber & Co")
    full.account(junk="Räuber & Co")
    assert full.look() == Done()
    full.deliver("spam", 1005)
    assert full.look() == Done(judged=1, moved=1)
    assert full.where(1005) == ["Räuber & Co"]
    full.move(1002, "INBOX", "Räuber & Co")
    assert full.look() == Done(spam=1)
    # The one before is a folder as any other.
    full.move(1001, "Junk", "INBOX")
    full.move(1004, "INBOX", "Junk")
    assert full.look() == Done()
    assert full.flags() == {"1002": "spam"}


def test_a_folder_that_is_removed_and_comes_back(full: Guarded) -> None:
    with full.person() as client:
        client.delete_folder("Junk")
        client.create_folder("Junk")
    assert full.look() == Done()
    full.deliver("spam", 1005)
    assert full.look() == Done(judged=1, moved=1)
    assert full.flags() == {}
