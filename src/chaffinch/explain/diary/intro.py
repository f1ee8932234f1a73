"""What a diary says of itself before its first entry."""

from __future__ import annotations

from collections.abc import Iterator

from chaffinch.explain.diary.entries import Diary

_ABOUT = (
    "The newest comes first; {by} are UTC. Right and wrong are told of verdicts that people have "
    "checked by a flag, and people flag mistakes first: of all that was judged more was right."
)


def intro(diary: Diary) -> Iterator[str]:
    """Yield paragraphs: how to read a diary, or why there is nothing to read."""
    if not diary.last:
        yield "Nothing has happened yet: nothing was judged, flagged, learned or launched."
    elif not diary.entries:
        yield (
            f"Nothing happened from {diary.since} to {diary.until}. The last time that anything "
            f"did was {diary.last}."
        )
    else:
        yield _ABOUT.format(by="days" if diary.by == "day" else "weeks begin on Mondays and")
    if diary.left_out:
        yield (f"{diary.left_out:,} older weeks are left out: give --until to read of them.")
