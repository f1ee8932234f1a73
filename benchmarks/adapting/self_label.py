"""What self-labelling brings where one mail in ten is flagged, and whether mistakes stay."""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import SEED, Message, Stream, make_stream
from tables import markdown

from chaffinch.datasets.campaign import STEPS, Campaign
from chaffinch.features.rows import Row
from chaffinch.loop.self_label import agreed
from chaffinch.models.base import Learner
from chaffinch.performance.judged import Judgements
from chaffinch.performance.metrics import (
    ham_lost_percent,
    lam_percent,
    one_minus_roca_percent,
    spam_missed_percent,
    value,
)
from chaffinch.task import Rung, Task
from chaffinch.types import Policy

EVERY = 10  # every so many mails one is flagged
SETTLED = 300  # mails until an unflagged one may be labelled: three days of a hundred
OFTEN = 100  # mails from one self-labelling to the next
CAMPAIGNS = (1, 2, 3, 4)
PER_STEP = 60  # mails of a campaign's step, one after each mail of the stream
CAUGHT = 10  # a step is caught where so many in a row are spam


@dataclass
class Loop:
    """Two rungs that learn from flags and, perhaps, from what both are sure of.

    Parameters
    ----------
    task : Task
        The task.
    selves : bool
        Whether they label themselves.
    """

    task: Task
    selves: bool
    rungs: tuple[Rung, Rung] = field(init=False)
    learners: tuple[Learner, Learner] = field(init=False)
    waiting: deque[tuple[int, tuple[Row, Row], bool]] = field(default_factory=deque)
    seen: int = 0
    room: int = 0
    labelled: int = 0
    wrong: int = 0

    def __post_init__(self) -> None:
        self.rungs = (self.task.ladder[-1], self.task.rung("bayes"))
        self.learners = (self.rungs[0].start(), self.rungs[1].start())

    def judge(self, data: bytes) -> tuple[float, tuple[Row, Row]]:
        """Return the committee's score of a mail, and the mail's features on both rungs."""
        content = self.task.reader(data)
        rows = (self.rungs[0].features.row(content), self.rungs[1].features.row(content))
        return self.learners[0].score(rows[0]), rows

    def flag(self, rows: tuple[Row, Row], positive: bool) -> None:
        """Learn what a person said."""
        self._learn(rows, positive)
        self.room += 1

    def pass_by(self, rows: tuple[Row, Row], positive: bool) -> None:
        """Take in a mail that nobody flags."""
        if self.selves:
            self.waiting.append((self.seen, rows, positive))

    def step(self) -> None:
        """Go on by one mail, and label what is settled, the latest first, now and then."""
        self.seen += 1
        if self.seen % OFTEN or not self.room:
            return
        settled = []
        while self.waiting and self.waiting[0][0] <= self.seen - SETTLED:
            settled.append(self.waiting.popleft())
        left = []
        given = 0
        for one in reversed(settled):
            _, rows, positive = one
            label = self._agreed(rows) if given < self.room else ""
            if not label:
                left.append(one)
                continue
            given += 1
            self.labelled += 1
            self.wrong += self.task.is_positive(label) != positive
            self._learn(rows, self.task.is_positive(label))
        # Those that neither is sure of are looked at again.
        self.waiting.extendleft(left[:2_000])
        if given:
            self.room = 0

    def _agreed(self, rows: tuple[Row, Row]) -> str:
        first, second = (
            self.task.scheme.said(learner, row, Policy())
            for learner, row in zip(self.learners, rows, strict=True)
        )
        return agreed(self.task.scheme, first, second)

    def _learn(self, rows: tuple[Row, Row], positive: bool) -> None:
        for learner, row in zip(self.learners, rows, strict=True):
            learner.learn(row, positive)


def corpus(stream: Stream, selves: bool) -> tuple[dict[str, Any], Loop]:
    """Run through a stream of which one mail in ten is flagged."""
    loop = Loop(stream.task, selves)
    truth, scores = [], []
    for number, message in enumerate(stream.messages):
        positive = stream.task.is_positive(message.label)
        score, rows = loop.judge(message.data)
        truth.append(positive)
        scores.append(score)
        if number % EVERY == 0:
            loop.flag(rows, positive)
        else:
            loop.pass_by(rows, positive)
        loop.step()
    junk = stream.task.policy.junk
    said = np.array(scores)
    found: dict[str, Any] = {}
    for name, least in (("at the policy", np.log(junk / (1.0 - junk))), ("at even odds", 0.0)):
        judged = Judgements(truth, said, said > least)
        found[name] = {
            "lam_percent": value(lam_percent, judged),
            "ham_lost_percent": value(ham_lost_percent, judged),
            "spam_missed_percent": value(spam_missed_percent, judged),
        }
    found["one_minus_roca_percent"] = value(one_minus_roca_percent, judged)
    return {**found, "labelled": loop.labelled, "labelled_wrongly": loop.wrong}, loop


def in_plain_ham(ham: bytes, text: bytes) -> bytes:
    r"""Return a ham with a text before its own: the good words are there already.

    Lowd and Meek, "Good word attacks on statistical spam filters", CEAS 2005.

    Examples
    --------
    >>> in_plain_ham(b"Subject: tea\n\nAt four?\n", b"4U!")
    b'Subject: tea\n\n4U!\n\nAt four?\n'
    """
    head, _, body = ham.partition(b"\n\n")
    return head + b"\n\n" + text + b"\n\n" + body


def adversary(
    stream: Stream, loop: Loop, campaign: Campaign, hams: Sequence[bytes]
) -> list[dict[str, Any]]:
    """Let a campaign in among other mail; return what each of its steps took.

    Its mails are known ham that the campaign's text is put into. Of the campaign, too, one mail in
    ten is flagged, and of the mail between its mails.
    """
    found = []
    others = iter(stream.messages)
    for step, name in enumerate(STEPS):
        row, flags, missed = 0, 0, 0
        caught: int | None = None
        before = loop.wrong
        for number in range(PER_STEP):
            other: Message = next(others)
            for data, positive, own in (
                (
                    in_plain_ham(
                        hams[(number + PER_STEP * step) % len(hams)],
                        campaign.message(step, number),
                    ),
                    True,
                    True,
                ),
                (other.data, stream.task.is_positive(other.label), False),
            ):
                score, rows = loop.judge(data)
                if own:
                    row = row + 1 if score > 0 else 0
                    missed += score <= 0
                    caught = flags if row == CAUGHT and caught is None else caught
                if number % EVERY == EVERY - 1:
                    loop.flag(rows, positive)
                    flags += own
                else:
                    loop.pass_by(rows, positive)
                loop.step()
        found.append(
            {
                "step": name,
                "flags_until_caught": caught,
                "missed": missed,
                "of": PER_STEP,
                "labelled_wrongly": loop.wrong - before,
            }
        )
    return found


def plain_hams(stream: Stream) -> list[bytes]:
    """Return the ham of a stream whose text stands in it as it is."""
    found = []
    for message in stream.messages:
        head = message.data.partition(b"\n\n")[0].lower()
        coded = b"multipart/" in head or b"base64" in head or b"text/html" in head
        if message.label == stream.task.negative and not coded:
            found.append(message.data)
    return found


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--seed", type=int, default=SEED, help="of the shuffle; 1 to 3 write no results")
    add("--limit", type=int, help="the first so many mails only; writes no results")
    options = parser.parse_args()
    began = time.monotonic()
    stream = make_stream("spamassassin", seed=options.seed, limit=options.limit)
    results: dict[str, Any] = {}
    for arm, selves in (("flags alone", False), ("and self-labels", True)):
        measured, _ = corpus(stream, selves)
        campaigns = {}
        for seed in CAMPAIGNS:
            # The campaign begins where a thousand mails are known; the stream after it goes on.
            first = Stream("", stream.task, stream.messages[:1000])
            rest = Stream("", stream.task, stream.messages[1000:])
            loop = corpus(first, selves)[1]
            campaigns[seed] = adversary(rest, loop, Campaign(seed), plain_hams(first))
        results[arm] = {"corpus": measured, "campaigns": campaigns}
    print(shown(results))
    print(f"\n{time.monotonic() - began:.0f} s", file=sys.stderr)
    if options.limit is None and options.seed == SEED:
        about = {"every": EVERY, "settled": SETTLED, "often": OFTEN, "per_step": PER_STEP}
        write("mail_self_label", {"data": stream.about, **about, "arms": results})


def shown(results: dict[str, Any]) -> str:
    """Return what was measured as two tables."""
    first = [
        [
            arm,
            f"{one['corpus']['one_minus_roca_percent']:.3g}",
            f"{one['corpus']['at the policy']['lam_percent']:.3g}",
            f"{one['corpus']['at even odds']['lam_percent']:.3g}",
            f"{one['corpus']['labelled']:,}, {one['corpus']['labelled_wrongly']} wrong",
        ]
        for arm, one in results.items()
    ]
    second = []
    for place, name in enumerate(STEPS):
        cells = []
        for one in results.values():
            steps = [steps[place] for steps in one["campaigns"].values()]
            flags = [step["flags_until_caught"] for step in steps]
            missed = sum(step["missed"] for step in steps)
            wrong = sum(step["labelled_wrongly"] for step in steps)
            told = ", ".join("never" if one is None else str(one) for one in flags)
            cells.append(f"{told}; {missed}; {wrong}")
        second.append([name, *cells])
    return "\n\n".join(
        (
            markdown(["", "1-ROCA %", "lam %", "lam % at even odds", "self-labelled"], first),
            markdown(["campaign: flags until caught, missed, labelled wrongly", *results], second),
        )
    )


if __name__ == "__main__":
    main()
