"""Results of SPF, DKIM and DMARC as evidence, where the installation says whose it believes."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.features.text import lay_out
from chaffinch.readers.mail import MailContent, Result
from chaffinch.task import get_task
from chaffinch.tasks.mail.authenticated import authentication_words, tell_authentication
from chaffinch.tasks.mail.parts import gram_parts
from shell import Chaffinch

MAIL = b"""Authentication-Results: mx.example.org; spf=softfail smtp.mailfrom=shop.example;
 dkim=pass header.d=mail.shop.example; dmarc=fail header.from=shop.example
Received: from shop.example by relay.example; Fri, 27 Nov 2026 12:00:00 +0000
From: Shop <offers@shop.example>
Subject: offers

Ten for two.
"""
TOLD = [
    "spf failed softly for shop.example",
    "dkim passed for mail.shop.example",
    "dmarc failed for shop.example",
    "dkim passed for the sender's own domain",
]


def test_unset_nothing_is_changed() -> None:
    task = get_task("mail")
    mail = task.reader(MAIL)
    assert mail.authentication == ()
    assert not any(part == "authentication" for part, _ in task.facts(mail))
    assert "authentication" not in dict(lay_out(gram_parts(mail)).parts)
    assert b"authentication-results: mx.example.org" in lay_out(gram_parts(mail)).text.lower()


def test_set_they_are_evidence_and_are_told(
    chaffinch: Chaffinch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CHAFFINCH_AUTHSERV_ID", "other.example MX.example.org")
    task = get_task("mail")
    mail = task.reader(MAIL)
    assert [fact for part, fact in task.facts(mail) if part == "authentication"] == TOLD
    assert b"authentication-results" not in lay_out(gram_parts(mail)).text.lower()
    path = tmp_path / "mail.eml"
    path.write_bytes(MAIL)
    for _ in range(2):
        assert chaffinch("flag", "mail", "spam", path).code == 0
    (told,) = (chaffinch.json("predict", "mail", path, "--reasons", "1000"),)
    assert set(TOLD) <= {one["text"] for one in told["reasons"] if one["where"] == "authentication"}
    assert not any(one["quoted"] for one in told["reasons"] if one["where"] == "authentication")


def test_a_rule_can_ask_for_them(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    from chaffinch.tasks.mail.parts import RULE_PARTS

    monkeypatch.setenv("CHAFFINCH_AUTHSERV_ID", "mx.example.org")
    facts = RULE_PARTS["facts"](get_task("mail").reader(MAIL))
    assert "authentication: dmarc failed for shop.example" in facts.split("\n")


def test_a_signature_of_another_domain_is_not_the_senders_own() -> None:
    for domain, own in (("bank.example", False), ("shop.example", True), ("nshop.example", False)):
        passed = (Result("dkim", "pass", domain), Result("dmarc", "pass", ""))
        mail = MailContent((("From", "a@shop.example"),), authentication=passed)
        assert ("dkim=pass:own" in authentication_words(mail)) is own
    unnamed = MailContent(authentication=(Result("dkim", "pass", "own.example"),))
    assert authentication_words(unnamed) == ["dkim=pass:own.example"]


def test_a_word_that_was_cut_is_still_told() -> None:
    assert tell_authentication(["dkim=pass:a.exam", "dkim=pa", "dk", "spf=none:"]) == [
        "dkim passed for a.exam",
        "dkim pa",
        "dk",
        "spf is not used",
    ]
