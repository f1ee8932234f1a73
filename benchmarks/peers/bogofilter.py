"""bogofilter, one process a mail: http://bogofilter.sourceforge.net."""

from __future__ import annotations

from pathlib import Path

from peers.peer import NOTHING_LEARNED, Judgement, PeerError, ProcessPeer, fisher_log_odds

# -C: its own defaults, whatever the machine's configuration says.
PROGRAM = ("bogofilter", "-C", "-d", ".")
# More digits than by default. %d is the distance from 1 where the verdict is spam; a number of
# more than 19 characters would be cut off. -R adds the tail probabilities, in its last line.
_JUDGE = (
    "--header-format=%c %d",
    "--spamicity-formats=%.12e,%.12e,%.12e",
    "-v",
    "-R",
)
_SPAM_HAM_UNSURE = (0, 1, 2)


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
            return NOTHING_LEARNED
        lines = self.run(*PROGRAM, *_JUDGE, data=data, allowed=_SPAM_HAM_UNSURE).splitlines()
        try:
            verdict, number = lines[0].decode("ascii").split()
            score = float(number)
            for_ham, for_spam = (float(field) for field in lines[-1].split()[2:4])
        except (IndexError, ValueError) as error:
            raise PeerError(f"bogofilter printed something else: {lines[:1]!r}") from error
        spam = verdict == "Spam"
        of_spam, of_ham = (1 - score, score) if spam else (score, 1 - score)
        return Judgement(spam, fisher_log_odds(of_spam, of_ham, for_ham, for_spam))

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        self.run(*PROGRAM, "-s" if label == "spam" else "-n", data=data)
        self._learned = True

    def versions(self) -> dict[str, str]:
        """Return its version."""
        return {"bogofilter": self.run("bogofilter", "-V").split()[2].decode()}
