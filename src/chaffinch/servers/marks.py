"""How a verdict is told inside of the mail: headers that filters and people's rules look for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaffinch.explain.readable import LEAST_SHOWN
from chaffinch.readers.mail import add_headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chaffinch.types import Policy, Reason, Verdict

#: What an action is called in the header ``X-Chaffinch-Status``.
STATUS = {"junk": "spam", "deliver": "ham", "unsure": "unsure"}
# Letters of a reason, and of a name: a mail must not grow by more than programs have room for.
_LONGEST = 200


def marked(data: bytes, verdict: Verdict, policy: Policy, *, why: bool = True) -> bytes:
    """Return a mail with its verdict on top of its headers, and without forged ones.

    Every other byte is as it was.

    Parameters
    ----------
    data : bytes
        The mail as it came.
    verdict : Verdict
        What was decided about it.
    policy : Policy
        By which.
    why : bool
        Whether to tell reasons.
    """
    return add_headers(data, headers(verdict, policy, why=why))


def headers(verdict: Verdict, policy: Policy, *, why: bool = True) -> Sequence[tuple[str, str]]:
    """Return the headers that tell a verdict, as names and values.

    ``X-Spam-Flag`` and ``X-Spam-Status`` are there for rules that people have from SpamAssassin:
    the first where the mail is junk, and only there, as rules may ask whether there is one.

    Examples
    --------
    >>> from chaffinch.types import Policy, Verdict
    >>> verdict = Verdict("52f7", "spam", 0.999, 6.9, "junk", "mail-starter-1")
    >>> for name, value in headers(verdict, Policy(junk=4.6)):
    ...     print(f"{name}: {value}")
    X-Chaffinch-Status: spam
    X-Chaffinch-Score: 6.900 (0.9990)
    X-Chaffinch-Reasons: none
    X-Chaffinch-Model: mail-starter-1
    X-Chaffinch-Item: 52f7
    X-Spam-Flag: YES
    X-Spam-Status: Yes, score=6.900 required=4.600
    """
    junk = verdict.action == "junk"
    limit = f"required={required(verdict, policy):.3f}"
    reasons = "; ".join(
        _said(reason) for reason in verdict.reasons if abs(reason.weight) >= LEAST_SHOWN
    )
    return [
        ("X-Chaffinch-Status", STATUS[verdict.action]),
        *([("X-Chaffinch-Would-Be", verdict.would_be)] if verdict.would_be else []),
        ("X-Chaffinch-Score", f"{verdict.score:.3f} ({verdict.probability:.4f})"),
        *([("X-Chaffinch-Reasons", reasons or "none")] if why else []),
        ("X-Chaffinch-Model", verdict.model),
        ("X-Chaffinch-Item", verdict.item),
        *([("X-Spam-Flag", "YES")] if junk else []),
        ("X-Spam-Status", f"{'Yes' if junk else 'No'}, score={verdict.score:.3f} {limit}"),
    ]


def required(verdict: Verdict, policy: Policy) -> float:
    """Return the score from which it is told to be junk: never reached by what is not.

    Some compare the two, and not what was decided, which `log_only` holds back.
    """
    if verdict.action == "junk" or verdict.score < policy.junk:
        return policy.junk
    return verdict.score + 1.0


def _said(reason: Reason) -> str:
    text, where = _cut(reason.text), _cut(reason.where)
    text = f"'{text}'" if reason.quoted else text
    # A description of a header says itself that it is of one.
    return f"{text if where == 'header' else f'{where} {text}'} {reason.weight:+.2f}"


def _cut(text: str) -> str:
    # In a header a sign beyond ASCII would have all of it encoded, which nobody can search.
    text = text.replace("…", "...")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
