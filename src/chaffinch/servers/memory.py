"""Memory that goes back to the system when a model goes."""

from __future__ import annotations

import ctypes
from contextlib import suppress

# mallopt's name for it in glibc's malloc.h; bytes.
_M_MMAP_THRESHOLD = -3
_LARGE = 1 << 20


def give_back_large() -> None:
    """Have arrays of a MiB or more given back as soon as they are freed, where memory is glibc's.

    From the first large one that is freed it learns to keep the next ones of its size, and workers
    would hold on to what models took that were replaced, 16 MiB again and again.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE)
