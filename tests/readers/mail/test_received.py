"""When a mail arrived."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaffinch.readers.mail import MailContent, read_mail, received_time
from mail_samples import any_bytes, sample

NOON = 1741089600.0  # 4 March 2025, 12:00 UTC


def of(*headers: tuple[str, str]) -> float | None:
    return received_time(MailContent(headers=headers))


@pytest.mark.parametrize(
    "date",
    [
        "Tue, 4 Mar 2025 12:00:00 +0000",
        "Tue, 4 Mar 2025 13:00:00 +0100 (CET)",
        "4 Mar 2025 12:00:00 -0000",
        "Tue, 4 Mar 2025 12:00:00",
        "  Tue,  4 Mar 2025 07:00:00 EST",
    ],
)
def test_dates_are_read_in_their_zones(date: str) -> None:
    assert of(("Date", date)) == NOON
    assert of(("Received", f"from a; by b; {date}")) == NOON


def test_the_topmost_received_header_counts() -> None:
    first, second = "x; 4 Mar 2025 12:00:00 +0000", "x; 1 Mar 2025 12:00:00 +0000"
    date = "2 Mar 2025 12:00:00 +0000"
    assert of(("Date", date), ("RECEIVED", first), ("Received", second)) == NOON
    assert of(("Received", "no date; here"), ("Received", second), ("Date", date)) == (
        NOON - 2 * 86400
    )
    assert received_time(read_mail(sample("plain"))) == 1741075965.0
    assert received_time(read_mail(sample("hidden"))) == 1741136523.0


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "99 Mar 2025 12:00:00 +0000",
        "4 Mar 99999 12:00:00 +0000",
        "4 Mar 2025 12:00:00 +9999999",
        "4 Mar 2025 99:99:99 +0000",
        ";" * 999,
        "4 " * 9999,
    ],
)
def test_what_is_no_date_is_none(date: str) -> None:
    assert of(("Received", date), ("Date", date)) is None


@given(st.text(max_size=60) | st.from_regex(r"\d+ Mar \d+ \d+:\d+:\d+ [+-]\d+", fullmatch=True))
def test_any_date_is_a_time_or_none(date: str) -> None:
    time = of(("Received", f";{date}"), ("Date", date))
    assert time is None or isinstance(time, float)


@given(any_bytes())
def test_any_mail_has_a_time_or_none(data: bytes) -> None:
    time = received_time(read_mail(data))
    assert time is None or isinstance(time, float)
