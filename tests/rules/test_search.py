"""Many patterns at once find what each of them finds alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.rules.rule import compile_pattern
from chaffinch.rules.search import Patterns
from chaffinch.task import get_task

PATTERNS = sorted(
    {
        condition.pattern
        for rule in get_task("mail").ladder[0].features.rules.rules  # type: ignore[attr-defined]
        for condition in rule.conditions
        if condition.pattern
    }
)
TOGETHER = Patterns(PATTERNS)
ALONE = [compile_pattern(pattern) for pattern in PATTERNS]

_PIECES = (
    "\n",
    " ",
    "!",
    "free",
    "Re:",
    "Click here",
    "$5,000",
    "é",
    "\0",
    "https://1.2.3.4/",
    "a@b",
)


@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=8), max_size=20).map("".join))
def test_together_as_alone(text: str) -> None:
    encoded = text.encode("utf-8", "replace")
    expected = {place for place, one in enumerate(ALONE) if one.search(encoded) is not None}
    assert TOGETHER.found(text) == expected


def test_no_pattern() -> None:
    assert Patterns([]).found("text") == set()


@pytest.mark.parametrize("memory", [1 << 10, 1 << 14, 1 << 16, 1 << 20])
def test_where_memory_does_not_suffice_each_is_sought_alone(
    memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaffinch.rules.search._MEMORY", memory)
    patterns = Patterns(["x[ab]{300}y", "^a|b$", "z", "^x.*y$"])
    assert patterns.found(f"x{'ab' * 150}y") == {0, 3}


def test_half_a_character_is_no_error() -> None:
    assert Patterns(["a"]).found("a\ud800") == {0}
