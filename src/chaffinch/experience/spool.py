"""Examples brought to an order, their bytes in a file meanwhile where they are many."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Any

from chaffinch.errors import StorageError
from chaffinch.types import Example

#: Bytes of items that are held in memory.
HELD = 2**28


def in_order(keyed: Iterable[tuple[Any, Example]]) -> Iterator[Example]:
    """Yield examples by their keys, of equal ones in the order in which they came.

    Their bytes wait in memory up to 256 MiB, and in a temporary file beyond.

    Parameters
    ----------
    keyed : iterable of (key, Example)
        The examples, each with what it is to be sorted by.

    Raises
    ------
    StorageError
        If they are many, and there is no room for them.

    Examples
    --------
    >>> from chaffinch.types import Item
    >>> words = [(2, Example(Item(b"tea"), "ham")), (1, Example(Item(b"4U"), "spam"))]
    >>> [example.item.data for example in in_order(words)]
    [b'4U', b'tea']
    """
    with SpooledTemporaryFile(max_size=HELD) as file:
        waiting: list[tuple[Any, int, int, Example]] = []
        begins = 0
        for key, example in keyed:
            data = example.item.data
            try:
                file.write(data)
            except OSError as error:
                raise StorageError(
                    f"{gettempdir()} has no room for what is to be brought to an order "
                    f"({error.strerror}): make room, or set TMPDIR to a folder that has some"
                ) from error
            without = replace(example, item=replace(example.item, data=b""))
            waiting.append((key, begins, len(data), without))
            begins += len(data)
        waiting.sort(key=lambda one: one[0])
        for _, start, size, example in waiting:
            file.seek(start)
            yield replace(example, item=replace(example.item, data=file.read(size)))
