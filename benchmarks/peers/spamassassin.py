"""SpamAssassin in one Perl process that lives for the whole run: https://spamassassin.apache.org."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from typing import BinaryIO, ClassVar

from peers.peer import (
    Judgement,
    Peer,
    PeerError,
    environment,
    fisher_log_odds,
    stop,
    tree_cpu_seconds,
    tree_bytes,
)

_SCRIPT = Path(__file__).with_name("spamassassin.pl")
_START_SECONDS = 120.0


class _SpamAssassin(Peer):
    needs = (("spamassassin", "spamassassin"), ("perl", "perl"))
    kind: ClassVar[str]

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._answers: BinaryIO | None = None
        self._version = ""
        self._cpu_at_start = 0.0

    def start(self) -> None:
        """Start the process and wait until it has read its rules."""
        # A socket has timeouts, which a pipe has not.
        self._socket, theirs = socket.socketpair()
        self._open.enter_context(self._socket)
        with theirs, (self.folder / "said.txt").open("wb") as said:
            self._process = subprocess.Popen(
                [shutil.which("perl") or "perl", str(_SCRIPT), self.kind, str(self.folder)],
                stdin=theirs.fileno(),
                stdout=theirs.fileno(),
                stderr=said,
                cwd=self.folder,
                env=environment(self.folder),
            )
            self._open.callback(stop, self._process)
        self._answers = self._open.enter_context(self._socket.makefile("rb"))
        self._socket.settimeout(_START_SECONDS)
        self._version = self._answer()[1]
        self._socket.settimeout(self.timeout)
        self._cpu_at_start = self._cpu_so_far()

    def _ask(self, what: str, data: bytes) -> list[str]:
        if self._socket is None:
            raise PeerError("SpamAssassin answers inside a with statement only")
        try:
            self._socket.sendall(f"{what} {len(data)}\n".encode() + data)
        except OSError as error:
            raise PeerError(f"SpamAssassin does not listen: {error}: {self._said()}") from error
        return self._answer()

    def _answer(self) -> list[str]:
        if self._answers is None:
            raise PeerError("SpamAssassin answers inside a with statement only")
        try:
            line = self._answers.readline()
        except OSError as error:
            raise PeerError(f"SpamAssassin did not answer: {error}: {self._said()}") from error
        if not line.endswith(b"\n"):
            raise PeerError(f"SpamAssassin ended: {self._said()}")
        return line.decode("ascii", "replace").split()

    def _said(self) -> str:
        said = (self.folder / "said.txt").read_text(encoding="utf-8", errors="replace")
        return said.strip()[-200:]

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        if self._ask(label, data) != ["learned"]:
            raise PeerError("SpamAssassin did not learn")

    def cpu_seconds(self) -> float:
        """Return the processor time of the process since it had started."""
        return self._cpu_so_far() - self._cpu_at_start

    def _cpu_so_far(self) -> float:
        return tree_cpu_seconds(self._process.pid) if self._process is not None else 0.0

    def memory_bytes(self) -> int:
        """Return the memory of the process now."""
        return tree_bytes(self._process.pid) if self._process is not None else 0

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
