from __future__ import annotations

import pytest
from hypothesis import given

from chaffinch.readers.mail import read_mail
from chaffinch.tasks.mail.facts import facts
from mail_samples import any_bytes


def facts_of(*headers: str, text: str = "Hello") -> set[str]:
    raw = "\n".join([*headers, "", text, ""]).encode()
    return {f"{part}: {fact}" for part, fact in facts(read_mail(raw))}


@pytest.mark.parametrize(
    ("header", "fact"),
    [
        ("From: ann@a.example", "sender: an address without a name"),
        ("From: <ann@a.example>", "sender: an address without a name"),
        ('From: "bank@bank.example" <x@a.example>', "sender: a name that is another address"),
        ("From: x91b7c4d2@a.example", "sender: four digits or more in the address"),
        ("From: Ann <ann@a.example>", "sender: from .example"),
        ("From: nobody", "sender: no address"),
        ("Subject: x", "sender: no From header"),
        ("Subject: CASH NOW", "style: subject in capitals"),
        ("Subject: now!", "style: subject with an exclamation mark"),
        ("Subject: now!!", "style: subject with exclamation marks"),
        ("Subject: $500 a day", "style: subject with a price or per cent"),
        ("Subject: Hello      8372kd", "style: subject ends in a code after a gap"),
        ("Subject: Re: lunch", "style: answers a mail that it does not name"),
        ("From: a@b.example", "style: no subject"),
    ],
)
def test_what_a_header_says(header: str, fact: str) -> None:
    assert fact in facts_of(header)
    assert fact not in facts_of("From: Ann <ann@a.test>", "To: b@b.test", "Subject: Lunch")


def test_where_answers_go() -> None:
    sender = "From: Ann <ann@a.example>"
    assert "sender: replies go elsewhere" in facts_of(sender, "Reply-To: x@b.example")
    assert "sender: replies go elsewhere" not in facts_of(sender, "Reply-To: b@A.example")


def test_an_answer_that_names_its_mail() -> None:
    found = facts_of("Subject: Re: lunch", "References: <1@a.example>")
    assert "style: answers a mail" in found
    assert "style: answers a mail that it does not name" not in found


def test_who_it_is_for() -> None:
    sender = "From: Ann <ann@a.example>"
    assert "recipients: none named" in facts_of(sender)
    assert "recipients: the sender among them" in facts_of(sender, "To: ann@a.example")
    many = "To: " + ", ".join(f"{name}@a.example" for name in "bcdef")
    assert "recipients: 5 or more" in facts_of(sender, many)


@pytest.mark.parametrize(
    ("url", "fact"),
    [
        ("http://bank.example@203.0.113.7/", "a name before the host"),
        ("http://a.example:8080/", "a port of its own"),
        ("http://xn--bnk-qla.example/", "a name in foreign letters"),
        ("http://my-b4nk.example/", None),
        ("http://mybank0nline.example/", "digits among letters"),
        ("http://bank.com.evil.example/", "an ending inside the name"),
        ("http://shop.com.br/", None),
    ],
)
def test_how_a_link_hides(url: str, fact: str | None) -> None:
    tricks = {one for one in facts_of(text=f"see {url} now") if one.startswith("link: ")}
    others = {f"link: {one}" for one in ("digits among letters", "an ending inside the name")}
    assert f"link: {fact}" in tricks if fact else not others & tricks


@pytest.mark.parametrize(
    ("links", "fact"),
    [
        (0, "no link"),
        (1, "1 link"),
        (4, "2 to 4 links"),
        (5, "5 to 9 links"),
        (60, "50 links or more"),
    ],
)
def test_how_many_links(links: int, fact: str) -> None:
    text = " ".join(f"http://a.example/{number}" for number in range(links))
    assert {one for one in facts_of(text=text) if one.startswith("links: ")} == {f"links: {fact}"}


def test_how_long_it_is() -> None:
    assert "length: no text" in facts_of(text=" ")
    assert "length: 1 to 99 characters" in facts_of(text="x" * 99)
    assert "length: 100 to 299 characters" in facts_of(text="x" * 100)
    assert "length: 30,000 characters or more" in facts_of(text="word " * 9000)


@given(any_bytes())
def test_any_bytes_have_facts(raw: bytes) -> None:
    for part, fact in facts(read_mail(raw)):
        assert part
        assert 0 < len(fact) < 200
