"""Whatever a mail and its reasons say, its verdict is some headers on top, and nothing else."""

from __future__ import annotations

import email
import email.policy
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.readers.mail import strip_own_headers
from chaffinch.servers.marks import headers, marked
from chaffinch.types import Policy, Reason, Verdict
from mail_samples import any_bytes

POLICY = Policy(junk=4.6)
NAMES = [
    "X-Chaffinch-Status",
    "X-Chaffinch-Score",
    "X-Chaffinch-Reasons",
    "X-Chaffinch-Model",
    "X-Chaffinch-Item",
    "X-Spam-Status",
]
MAIL = b"From: a@example.org\r\nX-Spam-Flag: NO\r\nSubject: x\r\n\r\nBody\n.\r\n"


def verdict(*reasons: Reason, action: str = "deliver", model: str = "m") -> Verdict:
    return Verdict("52f7", "ham", 0.1, -2.2, action, model, reasons)  # type: ignore[arg-type]


ours = st.text(max_size=60) | st.sampled_from(
    ["a\r\nBcc: all@example.org", "\n\nbody", "=?utf-8?q?=0AX-A:_1?=", "\0\x1b[2J"]
)
theirs = ours | st.just("x" * 5000)
reasons = st.builds(
    Reason, theirs, theirs, st.floats(-50, 50), quoted=st.booleans(), own=st.floats(-1, 1)
)


@settings(max_examples=300)
@given(st.lists(reasons, max_size=6), ours, ours)
def test_no_reason_can_put_a_header_or_a_body_in(why: list[Reason], model: str, item: str) -> None:
    told = Verdict(item, "ham", 0.1, -2.2, "deliver", model, tuple(why))
    written = marked(MAIL, told, POLICY)
    clean = MAIL.replace(b"X-Spam-Flag: NO\r\n", b"")
    assert written.endswith(clean)
    parsed = email.message_from_bytes(written, policy=email.policy.compat32)
    assert parsed.keys() == [*NAMES, "From", "Subject"]
    top = written[: -len(clean)]
    # A line begins as one of our fields, or goes on with one.
    assert all(re.match(rb"X-[A-Za-z-]+:| ", line) for line in top.splitlines())
    assert top.isascii()
    assert len(top) < 16_384, "what spamc has room for"


@settings(max_examples=300)
@given(any_bytes())
def test_every_other_byte_is_as_it_was(data: bytes) -> None:
    why = Reason("4U", "subject", 1.0)
    written = marked(data, verdict(why, action="junk"), POLICY)
    assert strip_own_headers(written) == strip_own_headers(data)


@pytest.mark.parametrize(
    ("action", "status", "flag", "spam"),
    [
        ("junk", "spam", "YES", "Yes, score=-2.200 required=4.600"),
        ("unsure", "unsure", None, "No, score=-2.200 required=4.600"),
        ("deliver", "ham", None, "No, score=-2.200 required=4.600"),
    ],
)
def test_rules_for_spamassassin_find_what_they_look_for(
    action: str, status: str, flag: str | None, spam: str
) -> None:
    told = dict(headers(verdict(action=action), POLICY))
    assert told["X-Chaffinch-Status"] == status
    assert told.get("X-Spam-Flag") == flag
    assert told["X-Spam-Status"] == spam


def test_reasons_that_say_nothing_are_left_out() -> None:
    told = headers(verdict(Reason("a", "body", 0.004), Reason("b c", "link", 0.5)), POLICY)
    assert dict(told)["X-Chaffinch-Reasons"] == "link 'b c' +0.50"
