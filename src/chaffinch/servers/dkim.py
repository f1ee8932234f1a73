"""What a mail's DKIM signatures prove (RFC 6376), asked of the DNS when the mail comes in.

What is found is written on top of the mail, in an Authentication-Results header (RFC 8601), before
the mail is judged: so it is a part of what is kept and learned, when the keys are long gone.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from chaffinch.errors import MissingExtraError, UsageError
from chaffinch.readers.mail import add_headers
from chaffinch.readers.mail.authentication import parse_results
from chaffinch.readers.mail.headers import STARTS, as_they_stand
from chaffinch.readers.mail.own import name_of_field, strip_headers

if TYPE_CHECKING:
    from dns.resolver import Resolver

#: The header that tells it.
HEADER = "Authentication-Results"
#: The text of a TXT record of the DNS, or None where there is none; within so many seconds, else it
#: raises TimeoutError.
Lookup = Callable[[str, float], bytes | None]

# Bounds. What verifies is quadratic in runs of blanks, and in names of headers times headers; a key
# of 4,096 bits takes some 740 characters.
_MOST_BYTES, _MOST_BLOCK, _MOST_HEADERS = 10 << 20, 1 << 18, 1000
_MOST_SIGNATURES, _LONGEST_SIGNATURE, _LONGEST_KEY = 4, 4000, 1000
_BLANKS, _MOST_BLANK_STEPS = re.compile(rb"[\t ]{16,}"), 10**7
#: Seconds for all that is asked about one mail.
PATIENCE = 5.0
_DOMAIN = re.compile(r"(?:[a-z0-9_-]{1,63}\.){1,15}[a-z0-9-]{1,63}")
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63}){0,15}")


@dataclass(frozen=True, slots=True)
class Signatures:
    """Verifies the signatures on a mail, and writes on top of it what was found.

    Parameters
    ----------
    name : str
        The name to write it under, which nobody else may: what comes in under it is taken out.
    lookup : callable
        What asks the DNS; by default the resolver of this machine.
    """

    name: str
    lookup: Lookup = field(default_factory=lambda: _Dns().text)

    @classmethod
    def wanted(cls, settings: Mapping[str, Any]) -> Signatures | None:
        """Return what verifies, where the settings ask for it.

        Raises
        ------
        UsageError
            If it should write under no name, or one that others write under, too.
        MissingExtraError
            If what verifies is not installed.
        """
        names = settings.get("verify_dkim", [])
        if not names:
            return None
        if len(names) > 1 or not _NAME.fullmatch(names[0]):
            raise UsageError(
                f"verify_dkim = {' '.join(names)!r} is no name: give one, such as "
                "chaffinch.example.org"
            )
        if names[0] in settings.get("authserv_id", []):
            raise UsageError(
                f"verify_dkim = {names[0]!r} is a name in authserv_id, too: what your servers "
                "write under it would be taken for forged; give one of its own, such as "
                f"chaffinch.{names[0]}"
            )
        try:
            import dkim  # noqa: F401
            import dns.resolver  # noqa: F401
        except ImportError as error:
            raise MissingExtraError(
                "verify_dkim needs dkimpy and dnspython, which are not installed: "
                "pip install 'chaffinch[dkim]'"
            ) from error
        return cls(names[0])

    def told(self, data: bytes) -> tuple[bytes, str]:
        """Return a mail with what its signatures prove on top, and without what claims to be that.

        Nothing that a mail holds makes this fail; what takes too long, or is too large, is told as
        such. Text without headers stays as it is.

        Returns
        -------
        bytes
            The mail.
        str
            The value of the header on top; empty where there is none.
        """
        if not STARTS.match(data):
            return data, ""
        data = strip_headers(data, self.is_ours)
        found = f"{self.name}; " + ("; ".join(self._found(data)) or "dkim=none")
        return add_headers(data, [(HEADER, found)]), found

    def is_ours(self, line: bytes) -> bool:
        """Tell whether a header claims to be one of those that are written here."""
        if name_of_field(line) != HEADER.lower().encode():
            return False
        text = line.partition(b":")[2].replace(b"\0", b"").decode("latin-1")
        host = parse_results(text)[0]
        # What we cannot parse, others may.
        return host == self.name or (not host and self.name in text[:1000].lower())

    def _found(self, data: bytes) -> list[str]:
        signed, fields, block = 0, 0, 0
        for line in islice(as_they_stand(data), _MOST_HEADERS + 1):
            signed += name_of_field(line) == b"dkim-signature"
            fields, block = fields + 1, block + len(line)
        if fields > _MOST_HEADERS:
            return ["dkim=policy"]
        if not signed:
            return []
        if len(data) > _MOST_BYTES or block > _MOST_BLOCK:
            return ["dkim=policy"]
        steps = sum(len(run) ** 2 for run in _BLANKS.findall(data))
        if steps > _MOST_BLANK_STEPS:
            return ["dkim=policy"]
        until = time.monotonic() + PATIENCE
        numbers = range(min(signed, _MOST_SIGNATURES))
        return [_verified(data, number, _Asked(self.lookup, until)) for number in numbers]


class _Asked:
    """Asks for a key, as long as there is time; tells why there was none."""

    def __init__(self, lookup: Lookup, until: float) -> None:
        self._lookup, self._until = lookup, until
        self.key: bytes | None = None
        self.late = False

    def __call__(self, name: bytes, timeout: float = 0.0) -> bytes | None:  # noqa: ARG002 (dkimpy's)
        left = self._until - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self.key = self._lookup(name.decode("ascii"), left)
        except TimeoutError:
            self.late = True
        if self.key is not None and len(self.key) > _LONGEST_KEY:
            self.key = None
        return self.key


def _verified(data: bytes, number: int, ask: _Asked) -> str:
    """Return what one signature proves, as a section of an Authentication-Results header."""
    import dkim

    signature = dkim.DKIM(timeout=PATIENCE)
    found = "permerror"
    try:
        signature.set_message(data)
        ours = [value for name, value in signature.headers if name.lower() == b"dkim-signature"]
        if len(ours[number]) > _LONGEST_SIGNATURE:
            return "dkim=policy"
        valid = signature.verify(number, dnsfunc=ask)
        if valid and _is_weak(signature):
            found = "policy"
        elif ask.key is not None:
            found = "pass" if valid else "fail"
    except dkim.ValidationError as error:
        if str(error).startswith("body hash mismatch"):
            found = "fail"
    except Exception:  # noqa: BLE001, S110 (whatever is wrong with a stranger's signature, the mail goes on)
        pass
    if ask.late:
        found = "temperror"
    domain = b""
    with suppress(AttributeError):
        domain = signature.signature_fields.get(b"d", b"")
    named = domain.decode("latin-1").lower()
    return f"dkim={found}" + (f" header.d={named}" if _DOMAIN.fullmatch(named) else "")


def _is_weak(signature: Any) -> bool:
    """Return whether more than was signed may have been changed since (RFC 6376, 8.2; RFC 8301)."""
    fields = signature.signature_fields
    return b"l" in fields or fields[b"a"] == b"rsa-sha1" or b"from" not in signature.include_headers


class _Dns:
    """The resolver of this machine, begun when it is first asked."""

    def __init__(self) -> None:
        self._resolver: Resolver | None = None

    def text(self, name: str, seconds: float) -> bytes | None:
        from dns import exception, resolver

        try:
            if self._resolver is None:
                made = resolver.Resolver()
                made.cache = resolver.LRUCache(1000)
                self._resolver = made
            answer = self._resolver.resolve(name, "TXT", lifetime=seconds, search=False)
        except (resolver.NXDOMAIN, resolver.NoAnswer):
            return None
        except (
            exception.Timeout,
            resolver.NoNameservers,
            resolver.NoResolverConfiguration,
            OSError,
        ):
            raise TimeoutError from None
        except exception.DNSException:
            return None
        texts = [b"".join(record.strings) for record in answer]
        return texts[0] if texts else None
