"""A verdict in lines: what the promise has to do with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaffinch.explain.verdict import verdict_lines
from chaffinch.task import get_task
from chaffinch.types import Policy, Verdict


@pytest.mark.parametrize(
    ("task", "label", "said"),
    [
        ("mail", "spam", "  promise  unsure, and not junk, below a probability of 0.9995"),
        ("words", "two", "  promise  unsure, and not accepted, below a probability of 0.9995"),
    ],
)
def test_what_falls_short_of_the_promise_says_of_what(task: str, label: str, said: str) -> None:
    what, policy = get_task(task), Policy(junk=7.6)
    sure = max(what.policy.junk, 0.0) + 0.1
    verdict = Verdict("0" * 32, label, 0.99, sure, "unsure", "m")
    assert said in list(verdict_lines(what, "it", verdict, policy))
    doubted = replace(verdict, score=what.policy.junk - 0.1)
    assert not [line for line in verdict_lines(what, "it", doubted, policy) if "promise" in line]
