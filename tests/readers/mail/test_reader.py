"""Reading a mail as a whole: what is read of each sample, and that any bytes can be read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from chaffinch.readers.mail import Attachment, MailContent, MailLimits, read_mail
from chaffinch.readers.mail.content import DEFAULT
from mail_samples import any_bytes, sample


def html(page: str) -> bytes:
    return b"Content-Type: text/html; charset=utf-8\n\n" + page.encode()


def test_a_plain_mail() -> None:
    mail = read_mail(sample("plain"))
    assert [name for name, _ in mail.headers] == [
        *("Return-Path", "Received", "Received", "Date", "From", "To", "Subject", "Message-ID")
    ]
    assert mail.header("SUBJECT") == "The bird table"
    assert mail.header("received").endswith("4 Mar 2025 09:12:45 +0100")
    assert mail.header("x-none") == ""
    assert mail.visible.startswith("Hello Ben,\n\nthe plans")
    assert mail.visible.endswith("\n\nAda")
    assert mail.urls == ("http://birds.example.org/table.html", "www.example.org")
    assert mail.structure == ("text/plain",)
    assert (mail.hidden, mail.attachments, mail.notes) == ("", (), ())


def test_both_versions_of_a_newsletter_are_read_in_order() -> None:
    mail = read_mail(sample("newsletter"))
    assert mail.header("from") == "Café Meise <news@cafe.example>"
    assert mail.header("subject") == "Öffnungszeiten im März und April"
    assert mail.visible == (
        "Wir haben sonntags geöffnet, von 10 bis 18 Uhr, und freuen uns auf Sie.\n"
        "Köstlich\nWir haben sonntags geöffnet. KarteLogo"
    )
    assert mail.urls == ("http://cafe.example/menu?a=1&b=2", "cid:logo")
    assert mail.structure == ("multipart/alternative", "text/plain", "text/html")
    assert mail.notes == ()


def test_hidden_text_is_told_apart() -> None:
    mail = read_mail(sample("hidden"))
    assert mail.visible == "Buy Viagra now\nClick"
    assert mail.hidden == "minutes of the meeting\nsee you on Thursday\nproject budget"
    assert mail.urls == ("http://deals.example/buy", "http://deals.example/p.gif")


def test_attachments_are_listed_and_mails_inside_are_read() -> None:
    mail = read_mail(sample("attachments"))
    assert mail.visible == (
        "Please find the invoice attached.\nFirst of the digest.\nSecond of the digest."
    )
    assert mail.attachments == (
        Attachment("application/pdf", "Rechnung März.pdf", 19),
        Attachment("text/plain", "nötes.txt", 45),
    )
    digest = ("message/rfc822", "text/plain", "message/rfc822", "text/plain")
    assert mail.structure == (
        *("multipart/mixed", "text/plain", "application/pdf", "text/plain"),
        *("message/rfc822", "multipart/digest", *digest),
    )


def test_a_broken_mail_is_read_as_text() -> None:
    mail = read_mail(sample("broken"))
    assert mail.headers[0] == ("Subject", "=?utf-8?q?broken")
    assert mail.header("x-note") == "a space before the colon"
    assert "<a href=" in mail.visible
    assert mail.urls == ("http://unclosed.example/x",)
    assert mail.notes == ("multipart without its boundary read as text",)


@pytest.mark.parametrize("name", ["plain", "newsletter", "attachments", "hidden", "broken"])
@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_line_endings_do_not_matter(name: str, end: bytes) -> None:
    data = sample(name)
    assert read_mail(data.replace(b"\n", end)) == read_mail(data)


@pytest.mark.parametrize("first", [b"From a@b Thu Aug 22 12:36:23 2024\n", b">From x\n", b"From "])
def test_an_mbox_separator_is_dropped(first: bytes) -> None:
    separator = first if first.endswith(b"\n") else first + b"\n"
    assert read_mail(separator + sample("plain")) == read_mail(sample("plain"))


def test_what_has_no_headers_is_all_body() -> None:
    mail = read_mail(b"Dear all,\nSubject: this is no header\n")
    assert mail.headers == ()
    assert mail.visible == "Dear all,\nSubject: this is no header"
    assert mail.notes == ("no headers: all of it read as text",)
    assert read_mail(b"\nA: 1\n").visible == "A: 1"
    assert read_mail(b" A: 1\n").visible == " A: 1"


def test_a_line_that_is_no_header_begins_the_body() -> None:
    mail = read_mail(b"Subject: a\nBuy this\nTo: b\n\nend")
    assert mail.headers == (("Subject", "a"),)
    assert mail.visible == "Buy this\nTo: b\n\nend"


def test_nothing_is_a_mail_too() -> None:
    assert read_mail(b"") == MailContent(structure=("text/plain",))


def test_nuls_are_dropped() -> None:
    mail = read_mail(b"Sub\0ject: v\0iagra\n\nVi\0agra")
    assert (mail.headers, mail.visible) == ((("Subject", "viagra"),), "Viagra")


def test_a_type_that_is_none_is_plain_text() -> None:
    for kind in (b"text", b"html/", b"/", b"text/plain; charset", b""):
        mail = read_mail(b"Content-Type: " + kind + b"\n\nwords")
        assert (mail.structure, mail.visible) == (("text/plain",), "words")


def test_other_texts_are_read_and_other_types_listed() -> None:
    assert read_mail(b"Content-Type: text/enriched\n\nwords").visible == "words"
    assert read_mail(b"Content-Type: application/xhtml+xml\n\n<b>words</b>").visible == "words"
    mail = read_mail(b"Content-Type: IMAGE/png; name=a.png\n\nbytes")
    assert (mail.visible, mail.attachments) == ("", (Attachment("image/png", "a.png", 5),))


def test_an_attached_mail_is_listed_and_read() -> None:
    mail = read_mail(
        b"Content-Type: message/rfc822\nContent-Disposition: attachment; filename=f.eml\n"
        b"Content-Transfer-Encoding: base64\n\nU3ViamVjdDogYQ0KDQpib2R5"
    )
    assert mail.visible == "body"
    assert mail.attachments == (Attachment("message/rfc822", "f.eml", 18),)


def test_the_limits_hold_and_are_noted() -> None:
    limits = MailLimits(raw=4000, text=10, urls=2, url=20, attachments=1)
    links = "<a href=http://a.example/1><a href=http://a.example/2><a href=http://a.example/3>"
    mail = read_mail(html(links + "words " * 10 + "<p hidden>" + "seen " * 1000), limits)
    assert mail.urls == ("http://a.example/1", "http://a.example/2")
    assert (len(mail.visible), len(mail.hidden)) == (10, 10)
    assert [note.split(" at ")[0] for note in mail.notes] == [
        *("mail cut", "only the first 2 URLs were kept", "visible text cut", "hidden text cut")
    ]
    assert mail.notes[0] == "mail cut at 4000 of 5191 bytes"

    long = read_mail(html("<img src=http://a.example/" + "x" * 90 + ">"), limits)
    assert long.urls == ("http://a.example/xxx",)
    assert long.notes == ("URLs cut at 20 characters",)

    part = b"--b\nContent-Type: image/png\n\nx\n"
    several = read_mail(b"Content-Type: multipart/mixed; boundary=b\n\n" + part * 3, limits)
    assert len(several.attachments) == 1
    assert several.notes == ("only the first 1 attachments were listed",)


def test_a_cut_in_the_middle_of_a_character_spoils_only_that() -> None:
    mail = read_mail(b"A: 1\n\n" + "žluťoučký kůň".encode(), MailLimits(raw=6 + 16))
    assert mail.visible == "žluťoučký k\ufffd"


@given(any_bytes())
@settings(max_examples=400)
def test_any_bytes_are_a_readable_mail(data: bytes) -> None:
    mail = read_mail(data)
    texts = (mail.visible, mail.hidden, *mail.urls, *mail.notes, *mail.structure)
    headers = [text for field in mail.headers for text in field]
    files = [text for part in mail.attachments for text in (part.type, part.name)]
    for text in (*texts, *headers, *files):
        # What cannot be encoded, such as half of a surrogate pair, would break every later step.
        text.encode()
        assert "\0" not in text
    for name, value in mail.headers:
        assert not set("\r\n") & set(name + value)
    assert len(mail.structure) <= DEFAULT.parts
    assert len(set(mail.urls)) == len(mail.urls)


@given(any_bytes())
@settings(max_examples=200)
def test_small_limits_hold_on_any_bytes(data: bytes) -> None:
    limits = MailLimits(100, 50, 10, 3, 20, 2, 12, 1, 2, 4, 5)
    mail = read_mail(data, limits)
    assert len(mail.headers) <= limits.headers
    assert all(len(value) <= 2 * limits.value for _, value in mail.headers)
    assert max(len(mail.visible), len(mail.hidden)) <= limits.text
    assert len(mail.urls) <= limits.urls
    assert all(len(url) <= limits.url for url in mail.urls)
    assert len(mail.attachments) <= limits.attachments
    assert len(mail.structure) <= limits.parts
    if len(data) > limits.raw:
        assert mail.notes[0] == f"mail cut at 100 of {len(data)} bytes"
