"""bogofilter, one process a mail: http://bogofilter.sourceforge.net."""

from __future__ import annotations

import math
from pathlib import Path

from peers.peer import (
    NO_OPINION,
    CrashError,
    Judgement,
    PeerError,
    ProcessPeer,
    fisher_log_odds,
    log_tail,
)

# -C: its own defaults, whatever the machine's configuration says.
PROGRAM = ("bogofilter", "-C", "-d", ".")
# More digits than by default. %d is the distance from 1 where the verdict is spam; a number of
# more than 19 characters would be cut off.
_JUDGE = (
    "--header-format=%c %d",
    "--spamicity-formats=%.12e,%.12e,%.12e",
    "-v",
)
# Adds the tokens, and the tail probabilities in its last line.
_TOKENS = "-R"
_SPAM_HAM_UNSURE = (0, 1, 2)  # exit status


class Bogofilter(ProcessPeer):
    """bogofilter; a verdict of unsure counts as ham, since such mail is delivered."""

    name = "bogofilter"
    title = "bogofilter"
    needs = (("bogofilter", "bogofilter"),)
    note = "unsure counts as ham; where its score rounds to 0 or 1, its tail probabilities rank"

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._learned = False

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        if not self._learned:
            return NO_OPINION
        lines = self._said(data)
        try:
            verdict, number = lines[0].decode("ascii").split()
            score = float(number)
            log_tails = _log_tails(lines[1:]) if lines[1:] else (0.0, 0.0)
        except (IndexError, ValueError) as error:
            raise PeerError(f"bogofilter printed something else: {lines[:1]!r}") from error
        spam = verdict == "Spam"
        of_spam, of_ham = (1 - score, score) if spam else (score, 1 - score)
        return Judgement(spam, fisher_log_odds(of_spam, of_ham, *log_tails))

    def _said(self, data: bytes) -> list[bytes]:
        try:
            said = self.run(*PROGRAM, *_JUDGE, _TOKENS, data=data, allowed=_SPAM_HAM_UNSURE)
        except CrashError:
            # With one class learned only, a token's share of the other is 0 / 0, and version 1.2.5
            # may crash where it sorts the tokens to print them: that is no fault of its judging.
            said = self.run(*PROGRAM, *_JUDGE, data=data, allowed=_SPAM_HAM_UNSURE)
        return said.splitlines()

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        self.run(*PROGRAM, "-s" if label == "spam" else "-n", data=data)
        self._learned = True

    def versions(self) -> dict[str, str]:
        """Return its version."""
        return {"bogofilter": self.run("bogofilter", "-V").split()[2].decode()}


def _log_tails(lines: list[bytes]) -> tuple[float, float]:
    """Return the logarithms of the tail probabilities: that which vanishes for spam, and for ham.

    Long mails have some that no double can hold: those are computed from their tokens.
    """
    tails = [float(field) for field in lines[-1].split()[2:4]]
    used = [line.split() for line in lines if line.endswith(b" +")]
    if not used:
        return 0.0, 0.0
    sums = (-sum(float(fields[column]) for fields in used) for column in (-3, -2))
    of_spam, of_ham = (
        math.log(tail) if tail else log_tail(half, len(used))
        for tail, half in zip(tails, sums, strict=True)
    )
    return of_spam, of_ham
