"""HTML as a person sees it: the text shown, the text hidden, and where its links lead."""

from __future__ import annotations

from chaffinch.readers.html.page import read_html
from chaffinch.readers.html.references import unescape

__all__ = ["read_html", "unescape"]
