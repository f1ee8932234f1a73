"""CRM114, one process a mail: https://crm114.sourceforge.net."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import ClassVar

from peers.peer import NO_OPINION, Judgement, PeerError, ProcessPeer

# What its own mailtrainer takes by default: a mail is learned unless it was judged right by more.
THICKNESS = 10.0

_CLASSIFY = "-{{isolate (:s:) /-/ {{classify <{0}> (spam.css | ham.css) (:s:)}} output /:*:s:/}}"
_LEARN = "-{{learn <{0}> ({1}.css)}}"
_SCORE = re.compile(rb"success probability: [-+0-9.a-z]+ +pR: *([-+0-9.a-z]+)")


class _Crm114(ProcessPeer):
    """CRM114 with a classifier, taught what it judged wrong or not surely enough.

    Its pR is a logarithm to base 10, and grows faster than the true odds.
    """

    needs = (("crm", "crm114"),)
    note = f"thick threshold training: learns where pR is less than {THICKNESS:g} on the right side"
    classifier: ClassVar[str]

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._last: tuple[bytes, Judgement] | None = None

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        if not all((self.folder / f"{label}.css").exists() for label in ("spam", "ham")):
            return NO_OPINION
        said = self.run("crm", _CLASSIFY.format(self.classifier), data=data)
        found = _SCORE.search(said)
        if not found:
            raise PeerError(f"crm printed something else: {said[:80]!r}")
        score = float(found[1]) * math.log(10)
        if math.isnan(score):
            raise PeerError("crm gave no number as its pR")
        judgement = Judgement(score > 0, score)
        self._last = data, judgement
        return judgement

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail if it has to be learned as the classifier stands now."""
        known = self._last is not None and self._last[0] == data
        judgement = self._last[1] if self._last is not None and known else self.judge(data)
        towards = judgement.score if label == "spam" else -judgement.score
        if towards < THICKNESS * math.log(10):
            self.run("crm", _LEARN.format(self.classifier, label), data=data)
            self._last = None

    def versions(self) -> dict[str, str]:
        """Return its version."""
        said = self.run("crm", "-v", allowed=(0, 1)).decode("ascii", "replace")
        found = re.search(r"version ([^ ]+)", said)
        return {"crm114": found[1] if found else "unknown"}


class Crm114Osb(_Crm114):
    """Orthogonal sparse bigrams, as its mailfilter uses them by default."""

    name = "crm114-osb"
    title = "CRM114 OSB"
    classifier = "osb unique microgroom"


class Crm114Osbf(_Crm114):
    """Orthogonal sparse bigrams with confidence factors."""

    name = "crm114-osbf"
    title = "CRM114 OSBF"
    # Without microgrooming its table of 94,321 buckets is full after some thousand mails, and slow.
    classifier = "osbf microgroom"
