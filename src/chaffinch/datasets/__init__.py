"""Public data sets, known by name: what they are, where they come from, and getting them.

`get` looks for a local copy, then in the cache, then at the official source, and gives back one
uniform file: JSON lines in the order in which they are judged, for every set of mails or messages.
"""

from __future__ import annotations

from chaffinch.datasets.catalogue import CATALOGUE, DataSet, File, describe, find
from chaffinch.datasets.fetch import get

__all__ = ["CATALOGUE", "DataSet", "File", "describe", "find", "get"]
