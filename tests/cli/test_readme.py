"""What README shows adds up; tests/docs runs its commands."""

from __future__ import annotations

import math
import re

import pytest

from markdown_pages import ROOT, blocks

SAMPLE = next(one.text for one in blocks(ROOT / "README.md") if one.language == "console")


def test_the_sample_adds_up() -> None:
    parts = re.search(r"([+-]\S+) +all else, and base ([+-]\S+): score ([+-][0-9.]+)", SAMPLE)
    assert parts
    rest, base, score = map(float, parts.groups())
    shown = re.findall(r"^    ([+-]\d\.\d+) .*", SAMPLE, re.MULTILINE)[:-1]
    assert len(shown) == 3
    assert sum(map(float, shown)) + rest + base == pytest.approx(score, abs=0.005)
    probability = re.search(r"probability of spam ([0-9.]+)", SAMPLE)
    assert probability
    assert float(probability[1]) == pytest.approx(1 / (1 + math.exp(-score)), abs=2e-3)


def test_it_stays_short() -> None:
    # What is longer belongs into docs/.
    assert len((ROOT / "README.md").read_text(encoding="utf-8")) < 8000
