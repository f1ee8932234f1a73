"""What SPF, DKIM and DMARC say of a sender, as models count it and as people are told it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chaffinch.readers.mail import MailContent
from chaffinch.tasks.mail.sender import address_of, is_related

_FOUND = {
    "pass": "passed",
    "fail": "failed",
    "softfail": "failed softly",
    "neutral": "says nothing",
    "none": "is not used",
    "policy": "is not accepted",
    "temperror": "could not be checked now",
    "permerror": "could not be checked",
}
_MOST = 400  # characters of a header that are looked at
# No domain is called so: a name without a dot.
_OWN, _OWN_TOLD = "own", "the sender's own domain"


def authentication_words(mail: MailContent) -> list[str]:
    """Return a word for each result; what passed for the domain of the From header is one more.

    Examples
    --------
    >>> from chaffinch.readers.mail import Result
    >>> passed = Result("dkim", "pass", "mail.example.org")
    >>> mail = MailContent((("From", "Ann <ann@example.org>"),), authentication=(passed,))
    >>> authentication_words(mail)
    ['dkim=pass:mail.example.org', 'dkim=pass:own']
    >>> tell_authentication(authentication_words(mail))
    ['dkim passed for mail.example.org', "dkim passed for the sender's own domain"]
    """
    if not mail.authentication:
        return []
    sender = address_of(mail.header("from")[:_MOST]).rpartition("@")[2].strip(" .").lower()
    words = [f"{method}={found}:{domain}" for method, found, domain in mail.authentication]
    words += [
        f"{method}=pass:{_OWN}"
        for method, found, domain in mail.authentication
        if found == "pass" and domain and is_related(domain, sender)
    ]
    return list(dict.fromkeys(words))


def tell_authentication(words: Sequence[str]) -> list[str]:
    """Return what the words of results say to people."""
    return [_told(word) for word in words]


def authentication_facts(mail: MailContent) -> Iterator[tuple[str, str]]:
    """Yield the results as (part, fact) pairs."""
    for told in tell_authentication(authentication_words(mail)):
        yield "authentication", told


def _told(word: str) -> str:
    method, _, rest = word.partition("=")
    found, _, domain = rest.partition(":")
    # The limit of a part may cut its last word.
    said = f"{method} {_FOUND.get(found, found)}".strip()
    if not domain:
        return said
    return f"{said} for {_OWN_TOLD if domain == _OWN else domain}"
