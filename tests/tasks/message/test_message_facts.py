from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from chaffinch.readers.message import MessageContent, read_message
from chaffinch.tasks.message.facts import facts
from chaffinch.tasks.message.structure import structure
from chaffinch.tasks.message.wording import tell_structure


def test_structure_is_told_as_people_say_it() -> None:
    message = MessageContent(plain="CALL 09061 NOW for £500!")
    told = tell_structure(list(structure(message)))
    assert ["structure"] * len(told) == [part for part, _ in facts(message)]
    assert told == [fact for _, fact in facts(message)]
    assert "20–39 characters" in told[0]


def test_lengths_are_told_apart() -> None:
    lengths = [0, 19, 20, 164, 165, 5000]
    told = [next(iter(facts(MessageContent(plain="x" * length))))[1] for length in lengths]
    assert told[0] == told[1]
    assert len(set(told)) == 5


@given(st.text())
def test_no_word_of_a_program_is_left(text: str) -> None:
    for part, fact in facts(read_message(text.encode("utf-8", "replace"))):
        assert part == "link" or not re.search(r"[a-z]-[0-9a-z]", fact)
