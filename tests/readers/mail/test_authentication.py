"""Authentication-Results headers: what is read, what is believed, and how much work that is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.readers.mail import read_mail
from chaffinch.readers.mail.authentication import METHODS, RESULTS, parse_results
from chaffinch.readers.mail.content import Result

HOSTS = {"mx.example.org": METHODS}


def believed(*lines: str) -> tuple[Result, ...]:
    block = "\n".join(lines)
    return read_mail(f"{block}\nSubject: x\n\nHello\n".encode(), hosts=HOSTS).authentication


def results(said: str, host: str = "mx.example.org") -> str:
    return f"Authentication-Results: {host}; {said}"


RECEIVED = (
    "Received: from sender.example ([192.0.2.7]) by {} with ESMTP; Fri, 27 Nov 2026 12:00:00 +0000"
)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        # As OpenDKIM, OpenDMARC, policyd-spf, Rspamd and large providers write them.
        (
            'dkim=pass (2048-bit key; secure) header.d=Example.NET header.i=@x.net header.b="A/+="',
            [Result("dkim", "pass", "example.net")],
        ),
        (
            "dmarc=fail (p=none dis=none) header.from=b.example",
            [Result("dmarc", "fail", "b.example")],
        ),
        (
            "spf=softfail (mailfrom) smtp.mailfrom=a@b.example (client-ip=192.0.2.7; helo=x)",
            [Result("spf", "softfail", "b.example")],
        ),
        (
            "dkim=pass header.i=@c.example header.b=XuXk3; spf=pass smtp.mailfrom=c.example (yes)",
            [Result(method, "pass", "c.example") for method in ("dkim", "spf")],
        ),
        ("none", []),
        ('dkim=none reason="no; dkim=pass header.d=bank.example"', [Result("dkim", "none")]),
        ("spf=pass smtp.mailfrom=<> smtp.helo=a.example", [Result("spf", "pass")]),
        ("dkim / 1 = pass header.d = a.example", [Result("dkim", "pass", "a.example")]),
        ("iprev=pass policy.iprev=192.0.2.7; dkim=maybe; spf=none", [Result("spf", "none")]),
    ],
)
def test_results_are_read_as_programs_write_them(said: str, found: list[Result]) -> None:
    assert parse_results(f"mx.example.org; {said}") == ("mx.example.org", found)


@pytest.mark.parametrize(
    "value",
    [
        "mx.example.org; spf=pass smtp.mailfrom=bank.example(.evil.example",
        'mx.example.org; spf=pass smtp.mailfrom="bank.example',
        "mx.example.org; spf=pass smtp.mailfrom=bank.example)",
        "",
        "; dkim=pass",
        "dkim=pass header.d=a.example",
        "mx.example.org " + "x" * 10_000 + "; dkim=pass",
        "(" * 7_000 + "mx.example.org; dkim=pass",
    ],
)
def test_a_header_that_is_broken_says_nothing(value: str) -> None:
    assert parse_results(value) == ("", [])


@pytest.mark.parametrize(
    "section",
    [
        "spf=pass smtp.mailfrom=bank.example(x).evil.example",
        "dkim=pass header.d=a.example b.example",
        "dkim pass",
        "dkim=pass=fail",
    ],
)
def test_a_broken_section_is_left_out_alone(section: str) -> None:
    host, found = parse_results(f"mx.example.org; {section}; dmarc=fail")
    assert (host, found) == ("mx.example.org", [Result("dmarc", "fail")])


def test_an_address_in_quotes_cannot_speak_for_another_method() -> None:
    _, found = parse_results('mx; spf=pass smtp.mailfrom="x; dkim=pass header.d=c (\\""@d.example')
    assert found == [Result("spf", "pass", "d.example")]


def test_only_our_names_are_believed() -> None:
    assert believed(results("dkim=pass", "mx.example.com")) == ()
    assert believed(results("dkim=pass", "evil.mx.example.org")) == ()
    assert believed(results("dkim=pass", "(a) MX.example.ORG 1")) == (Result("dkim", "pass"),)


def test_under_a_name_only_its_methods_are_believed() -> None:
    mail = f"{results('spf=pass; dkim=fail; dmarc=pass')}\n\nHello\n".encode()
    found = read_mail(mail, hosts={"mx.example.org": ("dkim",)}).authentication
    assert found == (Result("dkim", "fail"),)


def test_without_names_the_headers_are_as_any_other() -> None:
    mail = f"{results('dkim=pass')}\nSubject: x\n\nHello\n".encode()
    assert read_mail(mail).authentication == ()
    assert read_mail(mail).headers[0][0] == "Authentication-Results"
    kept = read_mail(mail, hosts={"another.example": METHODS})
    assert kept == read_mail(mail)
    assert [name for name, _ in read_mail(mail, hosts=HOSTS).headers] == ["Subject"]


def test_below_a_strangers_received_header_nothing_is_believed() -> None:
    ours, theirs = RECEIVED.format("mx.example.org"), RECEIVED.format("relay.example")
    said = results("spf=fail")
    for above in ([], [ours], [RECEIVED.format("store.MX.example.org"), ours]):
        assert believed(*above, said, theirs) == (Result("spf", "fail"),)
    assert believed(RECEIVED.format("localhost (amavis)"), said) == (Result("spf", "fail"),)
    for below in (theirs, RECEIVED.format("mx.example.org.evil.example"), "Received: x"):
        assert believed(below, said) == ()
        # Once outside, always outside, whatever a stranger's Received header claims.
        assert believed(below, ours, said) == ()


def test_what_was_left_out_is_noted_and_no_evidence() -> None:
    forged = results("dmarc=pass header.from=bank.example")
    lines = f"{RECEIVED.format('relay.example')}\n{forged}\nSubject: x\n\nHello\n"
    mail = read_mail(lines.encode(), hosts=HOSTS)
    assert mail.notes == (
        "authentication results under our name that came from outside were left out",
    )
    assert [name for name, _ in mail.headers] == ["Received", "Subject"]


def test_of_each_method_the_topmost_header_counts() -> None:
    found = believed(
        RECEIVED.format("mx.example.org"),
        results("spf=fail smtp.mailfrom=a.example"),
        results("dkim=none"),
        results("dkim=pass header.d=bank.example; spf=pass; dmarc=fail"),
    )
    assert found == (
        Result("spf", "fail", "a.example"),
        Result("dkim", "none"),
        Result("dmarc", "fail"),
    )


def test_several_signatures_in_one_header_all_count() -> None:
    found = believed(results("dkim=pass header.d=a.example; dkim=fail header.d=b.example"))
    assert found == (Result("dkim", "pass", "a.example"), Result("dkim", "fail", "b.example"))


@pytest.mark.parametrize(
    "piece", ["(", "()", '"', '"a"', ";", "\\", "a=b ", " ", "(\\", ";dkim=", "."]
)
def test_work_is_bounded_on_hostile_headers(piece: str) -> None:
    value = f"mx.example.org; {piece * (7_900 // len(piece))}"
    lines = "\n".join(f"Authentication-Results: {value}" for _ in range(30))
    began = time.process_time()
    mail = read_mail(f"{lines}\n\nHello\n".encode(), hosts=HOSTS)
    assert time.process_time() - began < 5
    assert len(mail.authentication) <= 12


_WORD = st.text("abc.-_=@/+0123456789", min_size=1, max_size=20)
_QUOTED = st.text(max_size=20).map(
    lambda text: '"' + text.replace("\\", "").replace('"', '\\"') + '"'
)
_COMMENTS = st.recursive(
    st.text("abc ;=\"'", max_size=10).map(lambda text: f"({text})"),
    lambda inner: inner.map(lambda text: f"(a{text};dkim=pass)"),
    max_leaves=10,
)


@given(st.text(max_size=300))
def test_any_text_can_be_read(value: str) -> None:
    host, found = parse_results(value)
    assert host == host.lower()
    assert all(one.method in METHODS and one.found in RESULTS for one in found)
    assert parse_results(f"mx; {value}")[0] in ("", "mx")


@given(
    st.sampled_from(sorted(METHODS)),
    st.sampled_from(sorted(RESULTS)),
    _QUOTED,
    _COMMENTS,
    st.booleans(),
)
def test_comments_and_quoted_strings_change_nothing(
    method: str, found: str, quoted: str, comment: str, tight: bool
) -> None:
    space = "" if tight else " "
    prop = METHODS[method][0]
    value = (
        f"{comment}mx {comment};{space}{comment}{method}{space}={space}{found} {comment}"
        f"reason={quoted} {prop}=a.example{comment}"
    )
    assert parse_results(value) == ("mx", [Result(method, found, "a.example")])


@given(_WORD, st.integers(0, 3))
def test_what_a_sender_can_write_never_adds_a_result(word: str, times: int) -> None:
    """A sender chooses the address and the name of its host, and nothing else of the header."""
    value = f"mx; spf=pass smtp.mailfrom={word}@{word} smtp.helo={word}" + f" (x{word})" * times
    _, found = parse_results(value)
    assert [one.method for one in found] in (["spf"], [])
