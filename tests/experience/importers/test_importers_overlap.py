"""The same items under two labels: refused where folders tell, before any of it is stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.errors import UsageError
from chaffinch.experience.importers import open_source
from chaffinch.experience.importers.overlap import refuse_overlaps

_FILES = (
    "box/cur/1700000000.M1.host:2,S",
    "box/new/1700000001.M1.host",
    "box/.Junk/cur/1700000002.M1.host:2,S",
    "box/.Junk/new/1700000003.M1.host",
    "flat/a.eml",
    "flat/b.eml",
    "labels/old/deep/c.eml",
    "labels/new/d.eml",
)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("box", "box/.Junk", False),
        ("flat", "labels/new", False),
        ("flat/a.eml", "flat/b.eml", False),
        ("labels/new", "labels/old/deep", False),
        ("box", "box", True),
        ("box/cur", "box", True),
        ("flat", "link", True),
        ("flat/a.eml", "flat", True),
        ("labels", "labels/old/deep", True),
        ("labels/new/d.eml", "labels", True),
    ],
)
def test_what_is_read_under_two_labels(tmp_path: Path, one: str, other: str, same: bool) -> None:
    for name in _FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"Subject: tea\n\nAt four?\n")
    (tmp_path / "link").symlink_to(tmp_path / "flat")
    spam, ham = (
        open_source(tmp_path / name, label=label) for name, label in ((one, "spam"), (other, "ham"))
    )
    if same:
        with pytest.raises(UsageError, match="hold the same items, which cannot be both"):
            refuse_overlaps([spam, ham])
    else:
        refuse_overlaps([spam, ham])
    refuse_overlaps([spam, spam])
