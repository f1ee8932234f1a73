"""Importers: a person names a path, and gets the examples in it as a lazy stream.

One module a format; `open_source` recognises which by looking inside. Every reader is lazy, holds
one record at a time, and reports what it had to skip by file and line.
"""

from __future__ import annotations

from chaffinch.experience.importers.records import MAX_RECORD, Record, Skipped
from chaffinch.experience.importers.source import FORMATS, PARTS, Source, open_source

__all__ = ["FORMATS", "MAX_RECORD", "PARTS", "Record", "Skipped", "Source", "open_source"]
