from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chaffinch.servers.guard.keys import LONGEST, answered_by, key_of, message_of
from mail_samples import any_bytes

FIELDS = (
    b"Received: from a.example by b.example; Mon, 2 Nov 2026 00:00:01 +0000\r\n"
    b"MESSAGE-ID :\r\n\t<1@mail.example>\r\nIn-Reply-To: <2@mail.example> <3@mail.example>\r\n\r\n"
)


def test_a_key_is_of_the_headers_and_the_size() -> None:
    key = key_of(FIELDS, 100, 1.0)
    assert key == key_of(FIELDS, 100, 2.0)
    assert len({key, key_of(FIELDS, 101, 1.0), key_of(FIELDS + b"x", 100, 1.0)}) == 3
    # Where there is nothing to tell mails by, it counts when they came.
    bare = b"Subject: hello\r\n\r\n"
    assert key_of(bare, 100, 1.0) != key_of(bare, 100, 2.0)
    assert key_of(bare, 100, 1.0) == key_of(bare, 100, 1.0)


def test_what_a_mail_answers() -> None:
    assert message_of(FIELDS) == message_of(b"message-id: <1@mail.example>\n")
    wanted = [message_of(b"Message-ID: <%d@mail.example>\n" % number) for number in (2, 3)]
    assert answered_by(FIELDS) == wanted
    many = b"In-Reply-To: " + b"".join(b"<%d@x> " % number for number in range(1000))
    assert len(answered_by(many)) == 8
    assert message_of(b"Message-ID: none\r\n") == ""
    assert message_of(b"X: <1@mail.example>\r\nMessage-ID: <" + b"a" * LONGEST + b">") == ""


@given(any_bytes(), st.integers(0, 1 << 40), st.none() | st.floats(allow_nan=False, width=32))
def test_any_headers_will_do(fields: bytes, size: int, when: float | None) -> None:
    assert len(key_of(fields, size, when)) == 32
    assert len(message_of(fields)) in (0, 32)
    assert all(len(one) == 32 for one in answered_by(fields))
