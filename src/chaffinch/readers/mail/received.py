"""When a mail arrived, as its headers tell."""

from __future__ import annotations

from chaffinch.readers.mail.content import MailContent

# A date takes 31 characters and perhaps a comment; what parses it is not linear on longer ones.
_MOST_OF_A_DATE = 120


def received_time(content: MailContent) -> float | None:
    """Return when a mail was received, else when it says it was sent (RFC 5322, section 3.3).

    Parameters
    ----------
    content : MailContent
        The mail.

    Returns
    -------
    float or None
        Seconds since 1970-01-01 UTC, from the topmost Received header, else from the Date header;
        None where neither holds a date. A date that names no zone is taken for UTC.

    Examples
    --------
    >>> received_time(MailContent(headers=(("Date", "Thu, 1 Jan 1970 01:00:00 +0100"),)))
    0.0
    >>> received_time(MailContent()) is None
    True
    """
    trace = content.header("received").rpartition(";")[2]
    for date in (trace, content.header("date")):
        seconds = _seconds(date)
        if seconds is not None:
            return seconds
    return None


def _seconds(date: str) -> float | None:
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        parsed = parsedate_to_datetime(date.strip()[:_MOST_OF_A_DATE])
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
