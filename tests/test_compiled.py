from __future__ import annotations

import sys
from types import ModuleType

import pytest

from chaffinch import compiled
from chaffinch.compiled import or_compiled


def test_a_kernel_of_other_sources_is_told_from_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "WANTED", True)
    monkeypatch.setitem(sys.modules, "chaffinch.old_kernel", ModuleType("chaffinch.old_kernel"))

    def twin() -> int:
        return 1

    with pytest.raises(ImportError, match="built from other sources than these: build it again"):
        or_compiled("chaffinch.old_kernel")(twin)
    assert or_compiled("chaffinch.no_kernel")(twin) is twin
    monkeypatch.setattr(compiled, "WANTED", False)
    assert or_compiled("chaffinch.old_kernel")(twin) is twin
