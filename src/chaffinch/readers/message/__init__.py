"""Any bytes are a readable message: what a person sees of it, and what it says undisguised."""

from __future__ import annotations

from chaffinch.readers.message.content import DEFAULT, MessageContent
from chaffinch.readers.message.reader import read_message

__all__ = ["DEFAULT", "MessageContent", "read_message"]
