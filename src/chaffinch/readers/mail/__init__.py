"""Any bytes are a readable mail: what a person sees of it, what it hides, and what was cut."""

from __future__ import annotations

from chaffinch.readers.mail.content import DEFAULT, Attachment, MailContent, MailLimits, Result
from chaffinch.readers.mail.delivery import before_delivery
from chaffinch.readers.mail.own import add_headers, is_own_header, strip_own_headers, write_header
from chaffinch.readers.mail.reader import read_mail
from chaffinch.readers.mail.received import received_time

__all__ = [
    "DEFAULT",
    "Attachment",
    "MailContent",
    "MailLimits",
    "Result",
    "add_headers",
    "before_delivery",
    "is_own_header",
    "read_mail",
    "received_time",
    "strip_own_headers",
    "write_header",
]
