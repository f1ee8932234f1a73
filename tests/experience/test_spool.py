from __future__ import annotations

import errno
import random
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest

from chaffinch.errors import StorageError
from chaffinch.experience import spool
from chaffinch.types import Example, Item


@pytest.mark.parametrize("held", [spool.HELD, 100])
def test_examples_come_in_order_and_whole(monkeypatch: pytest.MonkeyPatch, held: int) -> None:
    monkeypatch.setattr(spool, "HELD", held)
    draw = random.Random(0)
    examples = [
        Example(Item(draw.randbytes(draw.randrange(50)), source=f"{number}"), "ham", f"{number}")
        for number in range(200)
    ]
    keyed = [(draw.randrange(20), example) for example in examples]
    found = list(spool.in_order(keyed))
    assert found == [example for _, example in sorted(keyed, key=lambda pair: pair[0])]
    assert all(one.item.source == one.name for one in found)


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(SpooledTemporaryFile[bytes]):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(spool, "SpooledTemporaryFile", Full)
    with pytest.raises(StorageError, match=r"No space left on device.*set TMPDIR"):
        list(spool.in_order([(1, Example(Item(b"tea"), "ham"))]))
