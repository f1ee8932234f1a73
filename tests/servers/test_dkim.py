"""DKIM signatures, verified when mail comes in: keys come from a table, never from the DNS."""

from __future__ import annotations

import asyncio
import base64
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.errors import UsageError
from chaffinch.readers.mail import read_mail, strip_own_headers
from chaffinch.readers.mail.content import Result
from chaffinch.servers import dkim as ours
from chaffinch.servers.desk import Desk, Judged
from chaffinch.servers.dkim import Signatures
from chaffinch.settings import read_settings
from programs import needed
from shell import Chaffinch

dkim = pytest.importorskip("dkim")

NAME = "chaffinch.example.org"
MAIL = b"From: Ann <ann@example.net>\r\nSubject: lunch\r\n\r\nAt noon?\r\n"
SELECTOR, DOMAIN = b"test", b"example.net"


def made_key() -> tuple[bytes, bytes]:
    """Return a new RSA key as PEM, and the record that publishes it."""
    openssl = needed("openssl")
    private = subprocess.run(
        [openssl, "genrsa", "-traditional", "1024"], capture_output=True, check=True
    ).stdout
    public = subprocess.run(
        [openssl, "rsa", "-pubout", "-outform", "DER"],
        input=private,
        capture_output=True,
        check=True,
    ).stdout
    return private, b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)


@pytest.fixture(scope="module")
def key() -> tuple[bytes, bytes]:
    return made_key()


@pytest.fixture
def sign(key: tuple[bytes, bytes]) -> Callable[..., bytes]:
    def signed(mail: bytes = MAIL, **how: object) -> bytes:
        header: bytes = dkim.sign(mail, SELECTOR, DOMAIN, key[0], **how)
        return header + mail

    return signed


@pytest.fixture
def verify(key: tuple[bytes, bytes]) -> Callable[[bytes], bytes]:
    def lookup(name: str, seconds: float) -> bytes | None:
        assert seconds <= ours.PATIENCE
        return key[1] if name == "test._domainkey.example.net." else None

    return lambda mail: Signatures(NAME, lookup).told(mail)[0]


def found(told: bytes) -> tuple[Result, ...]:
    return read_mail(told, hosts={NAME: ("dkim",)}).authentication


def test_a_true_signature_passes_and_no_byte_of_the_mail_is_changed(
    sign: Callable[..., bytes], verify: Callable[[bytes], bytes]
) -> None:
    mail = sign()
    told = verify(mail)
    assert found(told) == (Result("dkim", "pass", "example.net"),)
    assert told.endswith(mail)
    assert told.startswith(b"Authentication-Results: chaffinch.example.org; dkim=pass ")


def test_a_mail_as_mailboxes_hold_it_passes_too(
    sign: Callable[..., bytes], verify: Callable[[bytes], bytes]
) -> None:
    came = b"From ann@example.net Fri Nov 27 12:00:00 2026\n"
    mail = came + b"Received: from a.example by b.example\n" + sign().replace(b"\r\n", b"\n")
    told = verify(mail)
    assert found(told) == (Result("dkim", "pass", "example.net"),)
    assert told.startswith(came + b"Authentication-Results: ")


def test_what_was_altered_fails(
    sign: Callable[..., bytes], verify: Callable[[bytes], bytes]
) -> None:
    for was, is_ in ((b"At noon?", b"At one?"), (b"Subject: lunch", b"Subject: lunches")):
        assert found(verify(sign().replace(was, is_))) == (Result("dkim", "fail", "example.net"),)


def test_what_follows_a_signed_length_is_not_accepted(
    sign: Callable[..., bytes], verify: Callable[[bytes], bytes]
) -> None:
    told = verify(sign(length=True) + b"and buy this\r\n")
    assert found(told) == (Result("dkim", "policy", "example.net"),)


def test_a_signature_that_can_be_broken_or_leaves_out_the_sender_is_not_accepted(
    sign: Callable[..., bytes], verify: Callable[[bytes], bytes]
) -> None:
    old = sign(signature_algorithm=b"rsa-sha1")
    assert found(verify(old)) == (Result("dkim", "policy", "example.net"),)
    # What signs in this test leaves no sender out.
    fields = {b"a": b"rsa-sha256"}
    for names, weak in ((b"subject",), True), ((b"subject", b"from"), False):
        signature = SimpleNamespace(signature_fields=fields, include_headers=names)
        assert ours._is_weak(signature) is weak


def test_without_signature_or_key_that_is_told(
    sign: Callable[..., bytes], verify: Callable[[bytes], bytes]
) -> None:
    assert found(verify(MAIL)) == (Result("dkim", "none"),)
    unknown = sign().replace(b"s=test", b"s=gone")
    assert found(verify(unknown)) == (Result("dkim", "permerror", "example.net"),)


def test_a_name_server_that_does_not_answer_costs_a_bounded_time(
    sign: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def late(name: str, seconds: float) -> bytes | None:
        asked.append(seconds)
        time.sleep(seconds)
        raise TimeoutError

    monkeypatch.setattr(ours, "PATIENCE", 0.2)
    mail = sign()
    header = mail[: -len(MAIL)]
    began = time.monotonic()
    told = Signatures(NAME, late).told(header * 10 + MAIL)[0]
    assert time.monotonic() - began < 10
    assert len(asked) == 1
    assert found(told) == (Result("dkim", "temperror", "example.net"),)


def test_what_comes_in_under_our_name_is_taken_out(verify: Callable[[bytes], bytes]) -> None:
    forged = b"Authentication-Results: %s; dkim=pass header.d=bank.example\r\n"
    mail = forged % b"CHAFFINCH.example.org" + forged % b"(a)\r\n chaffinch.EXAMPLE.org" + MAIL
    mail = b"Authentication-Results : chaffinch.example.org (; dmarc=pass\r\n" + mail
    others = b"Authentication-Results: mx.example.com; spf=pass smtp.mailfrom=a@b.example\r\n"
    told = verify(others + mail)
    assert found(told) == (Result("dkim", "none"),)
    assert told.endswith(others + MAIL)
    assert told.count(b"Authentication-Results") == 2


def test_told_again_it_is_the_same_item(
    sign: Callable[..., bytes], verify: Callable[[bytes], bytes]
) -> None:
    told = verify(sign())
    assert verify(told) == told
    assert strip_own_headers(b"X-Chaffinch-Status: ham\r\n" + told) == told


# Of all that a signature needs, so that what is costly is reached.
WHOLE = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=test; h=from%s; "
    b"bh=AAAA; b=AAAA\r\n"
)


@pytest.mark.parametrize(
    "mail",
    [
        WHOLE % (b":a" * 100_000) + MAIL,
        WHOLE % b"" * 900 + MAIL + b"x" * 1_000_000,
        WHOLE % b"" + MAIL + b" " * 100_000 + b"x",
        WHOLE % b"" + MAIL + b"\n" * 12_000_000,
        WHOLE % (b":a" * 1_900) + b"X: y\r\n" * 100_000 + MAIL,
        b"DKIM-Signature:\r\n \xff\0;=;;b=\r\n" + MAIL,
    ],
    ids=["long", "many", "blanks", "large", "headers", "broken"],
)
def test_hostile_mail_is_told_in_bounded_time(
    mail: bytes, verify: Callable[[bytes], bytes]
) -> None:
    began = time.process_time()
    told = verify(mail)
    assert time.process_time() - began < 5
    assert told.endswith(mail)
    assert {result.found for result in found(told)} <= {"policy", "permerror", "fail"}


@given(st.binary(max_size=300))
def test_any_bytes_can_be_told(data: bytes) -> None:
    for mail in (data, b"DKIM-Signature: " + data + b"\n\n" + data):
        told = Signatures(NAME, lambda name, seconds: b"v=DKIM1; p=" + data).told(mail)[0]
        assert told == mail or told.startswith(b"Authentication-Results: ")
        assert all(result.found != "pass" for result in found(told))


@given(st.binary(max_size=200))
def test_any_key_can_be_published(record: bytes) -> None:
    bh = b"frcCV1k9oG9oKj3dpUqdJg1PxRT2RSN/XKdLCPjaYaY="  # of an empty body
    tags = b"v=1; a=rsa-sha256; d=x.example; s=a; h=from; bh=" + bh + b"; b=aa=="
    mail = b"From: a@x.example\r\nDKIM-Signature: " + tags + b"\r\n\r\n"
    told = Signatures(NAME, lambda name, seconds: record).told(mail)[0]
    assert {result.found for result in found(told)} <= {"fail", "permerror"}


@pytest.mark.parametrize(
    ("names", "own", "said"),
    [
        (["a", "b"], [], "is no name"),
        (["a b;c"], [], "is no name"),
        (["mx.example.org"], ["mx.example.org"], "chaffinch.mx.example.org"),
    ],
)
def test_a_name_that_cannot_be_is_refused(names: list[str], own: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Signatures.wanted({"verify_dkim": names, "authserv_id": own})
    assert Signatures.wanted({}) is None


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: tuple[bytes, bytes]) -> Path:
    """An installation that verifies, and a DNS that is a table."""
    monkeypatch.setenv("CHAFFINCH_HOME", str(tmp_path))
    monkeypatch.setenv("CHAFFINCH_VERIFY_DKIM", NAME)
    monkeypatch.setattr(ours._Dns, "text", lambda self, name, seconds: key[1])
    return tmp_path


def test_the_filter_verifies_and_a_flag_finds_the_same_item(
    asking: Path, sign: Callable[..., bytes], chaffinch: Chaffinch
) -> None:
    code, judged, said = chaffinch.raw("filter", stdin=sign())
    assert code == 0, said
    assert b"Authentication-Results: chaffinch.example.org; dkim=pass" in judged
    given = chaffinch("flag", "mail", "ham", "-", stdin=judged)
    assert given.code == 0, given.err
    item = judged.partition(b"X-Chaffinch-Item: ")[2][:12].decode()
    assert item in given.out
    told = chaffinch("predict", "mail", "--reasons", "1000", item)
    assert "dkim passed for example.net" in told.out
    assert "dkim passed for the sender's own domain" in told.out


def test_the_doors_verify(asking: Path, sign: Callable[..., bytes]) -> None:
    async def judge() -> Judged:
        desk = Desk(asking, signatures=Signatures.wanted(read_settings(asking)))
        try:
            return await desk.judge(sign(), "", door="spamd", reasons=1000)
        finally:
            desk.close()

    judged = asyncio.run(judge())
    assert b"dkim=pass header.d=example.net" in judged.marked()
    assert judged.headers()[-1] == (
        "Authentication-Results",
        "chaffinch.example.org; dkim=pass header.d=example.net",
    )
    told = {reason.text for reason in judged.verdict.reasons}
    assert "dkim passed for example.net" in told


@pytest.fixture
def name_server() -> Iterator[int]:
    """A name server on this machine that knows one name, and says nothing of another."""
    import dns.message
    import dns.rcode
    import dns.rrset

    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            try:
                data, who = listening.recvfrom(4096)
            except TimeoutError:
                continue
            asked = dns.message.from_wire(data)
            answer = dns.message.make_response(asked)
            name = str(asked.question[0].name)
            if name == "silent.example.":
                continue
            if name == "known.example.":
                answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", '"v=DKIM1; " "p="'))
            elif name != "empty.example.":
                answer.set_rcode(dns.rcode.NXDOMAIN)
            listening.sendto(answer.to_wire(), who)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.1)
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        done.set()
        thread.join()


def test_the_dns_is_asked_within_a_bounded_time(name_server: int) -> None:
    import dns.resolver

    asking = ours._Dns()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], name_server
    asking._resolver = resolver
    assert asking.text("known.example.", 20) == b"v=DKIM1; p="
    assert asking.text("unknown.example.", 20) is None
    assert asking.text("empty.example.", 20) is None
    assert asking.text("no..name.", 20) is None
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        asking.text("silent.example.", 0.2)
    assert time.monotonic() - began < 10
