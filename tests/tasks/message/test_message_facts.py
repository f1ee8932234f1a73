from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from chaffinch.readers.message import MessageContent, read_message
from chaffinch.tasks.message.facts import facts
from chaffinch.tasks.message.structure import LENGTHS
from chaffinch.tasks.message.wording import in_words


def test_every_length_is_told_as_people_say_it() -> None:
    told = [in_words(f"length-{bound}") for bound in LENGTHS]
    assert told[:2] == ["fewer than 20 characters", "20 to 39 characters"]
    assert told[-1] == "640 characters or more"
    assert len(set(told)) == len(LENGTHS)


def test_numbers_and_links() -> None:
    found = [fact for _, fact in facts(MessageContent(plain="CALL 09061 NOW for £500!"))]
    assert found == [
        "20 to 39 characters",
        "a number of 5 digits",
        "2 numbers",
        "no link",
        "most words in capitals",
        "a sum of money",
    ]
    many = [fact for _, fact in facts(MessageContent(plain="1 2 3 4 5 6 123456789012345"))]
    assert {"a number of 12 digits or more", "5 numbers or more"} <= set(many)


@given(st.text())
def test_no_word_of_a_program_is_left(text: str) -> None:
    for part, fact in facts(read_message(text.encode("utf-8", "replace"))):
        assert part == "link" or not re.search(r"[a-z]-[0-9a-z]", fact)
