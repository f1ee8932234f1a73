"""HTML's character references."""

from __future__ import annotations

import re
from html import unescape as unescape_references

_LONG_NUMBER = re.compile(r"&#(?:[xX][0-9a-fA-F]{7,}|[0-9]{8,});?")


def unescape(text: str) -> str:
    """Decode character references; those of absurd length would cost more than linear time.

    Examples
    --------
    >>> unescape("caf&eacute; &#" + "9" * 5000 + ";")
    'café \ufffd'
    """
    if "&" not in text:
        return text
    return unescape_references(_LONG_NUMBER.sub("\ufffd", text) if "&#" in text else text)
