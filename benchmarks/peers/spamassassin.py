"""SpamAssassin in one Perl process that lives for the whole run: https://spamassassin.apache.org."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import BinaryIO, ClassVar

from peers.peer import (
    DaemonPeer,
    Judgement,
    PeerError,
    fisher_log_odds,
)

_SCRIPT = Path(__file__).with_name("spamassassin.pl")
_START_SECONDS = 120.0


class _SpamAssassin(DaemonPeer):
    needs = (("spamassassin", "spamassassin"), ("perl", "perl"))
    kind: ClassVar[str]

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._socket: socket.socket | None = None
        self._answers: BinaryIO | None = None
        self._version = ""

    def start(self) -> None:
        """Start the process and wait until it has read its rules."""
        # A socket has timeouts, which a pipe has not.
        self._socket, theirs = socket.socketpair()
        self._open.enter_context(self._socket)
        with theirs:
            self.launch("perl", str(_SCRIPT), self.kind, str(self.folder), talk=theirs.fileno())
        self._answers = self._open.enter_context(self._socket.makefile("rb"))
        self._socket.settimeout(_START_SECONDS)
        self._version = self._answer()[1]
        self._socket.settimeout(self.timeout)

    def _ask(self, what: str, data: bytes) -> list[str]:
        if self._socket is None:
            raise PeerError("SpamAssassin answers inside a with statement only")
        try:
            self._socket.sendall(f"{what} {len(data)}\n".encode() + data)
        except OSError as error:
            raise PeerError(
                f"SpamAssassin does not listen: {error}: {self.said('perl')}"
            ) from error
        return self._answer()

    def _answer(self) -> list[str]:
        if self._answers is None:
            raise PeerError("SpamAssassin answers inside a with statement only")
        try:
            line = self._answers.readline()
        except OSError as error:
            raise PeerError(f"SpamAssassin did not answer: {error}: {self.said('perl')}") from error
        if not line.endswith(b"\n"):
            raise PeerError(f"SpamAssassin ended: {self.said('perl')}")
        return line.decode("ascii", "replace").split()

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        if self._ask(label, data) != ["learned"]:
            raise PeerError("SpamAssassin did not learn")

    def versions(self) -> dict[str, str]:
        """Return its version."""
        return {"spamassassin": self._version}


class SpamAssassinBayes(_SpamAssassin):
    """Its Bayes alone, taught every mail; judges from the second class on that it has seen."""

    name = "spamassassin"
    title = "SpamAssassin, Bayes only"
    kind = "bayes"
    note = (
        "spam where Bayes says more than one half; Bayes speaks from the first spam and ham on; "
        "nothing expires; where its score rounds to 0 or 1, its tail probabilities rank"
    )

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        answer = self._ask("judge", data)[2:]
        if "-" in answer:
            return Judgement(spam=False, score=0.0)
        score = fisher_log_odds(*(float(field) for field in answer))
        return Judgement(score > 0, score)


class SpamAssassinFull(_SpamAssassin):
    """All rules that need no network, and Bayes."""

    name = "spamassassin-full"
    title = "SpamAssassin, full rules + Bayes"
    kind = "full"
    protocols = ("batch",)
    log_odds = False
    note = "network tests off, the rules of the Debian package; spam from its 5 points on"

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        spam, score = self._ask("judge", data)[:2]
        return Judgement(spam == "1", float(score))
