"""SpamProbe, one process a mail: http://spamprobe.sourceforge.net."""

from __future__ import annotations

from pathlib import Path

from peers.peer import NO_OPINION, Judgement, PeerError, ProcessPeer, logit

# -M: a line of the body that begins like an mbox separator does not begin another mail.
PROGRAM = ("spamprobe", "-c", "-M", "-d", ".")


class SpamProbe(ProcessPeer):
    """SpamProbe, which is taught every mail."""

    name = "spamprobe"
    title = "SpamProbe"
    needs = (("spamprobe", "spamprobe"),)
    note = "its score has seven digits"

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._learned = False

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        if not self._learned:
            return NO_OPINION
        said = self.run(*PROGRAM, "score", data=data).split()
        if len(said) < 2:
            # It finds no mail in some that hold next to nothing.
            return NO_OPINION
        try:
            return Judgement(said[0] == b"SPAM", logit(float(said[1])))
        except ValueError as error:
            raise PeerError(f"spamprobe printed something else: {said[:2]!r}") from error

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        self.run(*PROGRAM, "spam" if label == "spam" else "good", data=data)
        self._learned = True

    def versions(self) -> dict[str, str]:
        """Return its version."""
        return {"spamprobe": self.run("spamprobe", "-V").split()[1].decode().removeprefix("v")}
