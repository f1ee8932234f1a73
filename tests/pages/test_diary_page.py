from __future__ import annotations

from chaffinch.explain.diary.entries import Diary, Entry, Evidence, Line, Quote
from chaffinch.pages.diary import diary_page
from harmless import HOSTILE, read_page


def diary() -> Diary:
    lines = tuple(Line(("Lost: ", Quote(text), text), ("mail ab",)) for text in HOSTILE)
    evidence = (Evidence("mail ab", (Quote(HOSTILE[0]), HOSTILE[1]), HOSTILE[2]),)
    entry = Entry("Monday, 2026-11-02", "2026-11-02", lines)
    return Diary("mail", "2026-11-01", "2026-11-25", "day", (entry,), evidence, 0, "2026-11-02")


def test_hostile_text_is_shown_and_does_nothing() -> None:
    read = read_page(diary_page(diary()))
    assert read.unseen == ""
    assert "<script>alert(1)</script>" in read.text


def test_every_link_leads_to_evidence() -> None:
    read = read_page(diary_page(diary()))
    links = {value for name, value in read.attributes if name == "href"}
    places = {f"#{value}" for name, value in read.attributes if name == "id"}
    assert len(links) == 1
    assert links <= places


def test_what_is_worst_stands_out() -> None:
    line = Line(("Ham lost: ", Quote("Lunch?")), (), worst=True)
    entry = Entry("Monday, 2026-11-02", "2026-11-02", (line,))
    written = Diary("mail", "2026-11-01", "2026-11-25", "day", (entry,), (), 0, "2026-11-02")
    assert "<strong>Ham lost: </strong><code>Lunch?</code>" in diary_page(written)
