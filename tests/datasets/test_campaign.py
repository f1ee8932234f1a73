from __future__ import annotations

import pytest

from chaffinch.datasets.campaign import STEPS, Campaign
from chaffinch.readers.mail import MailContent, read_mail
from chaffinch.readers.message import read_message

SEEDS = range(8)


def read(step: int, number: int = 0, seed: int = 3) -> MailContent:
    return read_mail(Campaign(seed).mail(step, number))


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_every_step_is_a_whole_mail(step: int) -> None:
    for seed in SEEDS:
        content = read(step, seed=seed)
        assert content.notes == ()
        assert content.header("subject")
        assert content.urls
        assert len(content.visible.splitlines()) >= 5


def test_the_hook_is_rewritten() -> None:
    assert all("4U" in read(0, number).visible for number in range(20))
    for step in range(1, 5):
        assert not any("4U" in read(step, number).visible for number in range(20))
    assert all("For U" in read(1, number).visible for number in range(20))
    assert all("F0r U" in read(2, number).visible for number in range(20))


def test_look_alikes_and_invisible_letters_are_not_what_they_seem() -> None:
    visible = read(3).visible
    assert any("\u0430" <= letter <= "\u044f" for letter in visible)
    assert any(letter in visible for letter in "\u200b\u200c\u2060")


def test_hidden_html_splits_words_that_are_seen_whole() -> None:
    raw = Campaign(3).mail(4, 0).decode()
    content = read(4)
    assert content.hidden
    assert "For U" in content.visible
    assert "For U" not in raw.partition("\n\n")[2] or "<" in raw


def test_no_two_are_alike_and_each_can_be_made_again() -> None:
    mails = {Campaign(seed).mail(step, k) for seed in SEEDS for step in range(5) for k in range(20)}
    assert len(mails) == 8 * 5 * 20
    assert Campaign(1).mail(2, 3) == Campaign(1).mail(2, 3)


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_every_step_is_a_message_too(step: int) -> None:
    content = read_message(Campaign(5).message(step, 1))
    assert content.plain
    assert content.urls
    assert (Campaign(5).item("message", step, 1).kind, Campaign(5).item("mail", step, 1).kind) == (
        "message",
        "mail",
    )


def test_there_are_only_so_many_steps() -> None:
    with pytest.raises(IndexError):
        Campaign(0).mail(len(STEPS), 0)
