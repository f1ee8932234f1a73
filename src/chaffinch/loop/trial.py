"""Trial: one model against another, by what their verdicts on the same flags would have cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chaffinch.loop.trained import Trained
from chaffinch.scheme import Binary
from chaffinch.task import Task
from chaffinch.types import Interval

# Fewer differing verdicts than this prove nothing: 2 · 0.5⁵ > 0.05, McNemar's exact test. Nor do
# fewer items of either label: what was never met cannot be known to be judged well.
_LEAST = 6
_LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Trial:
    """How a challenger did against a rival.

    Parameters
    ----------
    rival, title : str
        The rival's rung, and what it is in a few words.
    items : int
        Flags that both had judged before they learned them, and that count here.
    differing : int
        On how many of them the two disagreed.
    gain : Interval or None
        What the challenger costs less per 1,000 items; None where too few items or verdicts tell
        the two apart.
    p : float
        How probable so uneven a split of the differing verdicts is between equal models: McNemar's
        exact test.
    lost : tuple of int
        How many negatives the challenger would have put into junk, or how many wrong labels it
        would have had accepted, and how many the rival.
    negatives : int
        Of how many.
    loses : str
        What it is called to do so.
    margin : float
        The share of the negatives by which a challenger may lose more of them than its rival.
    """

    rival: str
    title: str
    items: int
    differing: int
    gain: Interval | None
    p: float = 1.0
    lost: tuple[int, int] = (0, 0)
    negatives: int = 0
    loses: str = "loses"
    margin: float = 0.001

    @property
    def proven(self) -> bool:
        """Whether the challenger costs less beyond doubt, and loses no more of the negatives."""
        return (
            self.gain is not None
            and self.gain.low > 0
            and self.p <= _LEVEL
            and not self._loses_more
        )

    @property
    def no_worse(self) -> bool:
        """Whether nothing speaks for the rival: what was measured costs no more."""
        return (self.gain is None or self.gain.value >= 0) and not self._loses_more

    @property
    def _loses_more(self) -> bool:
        return self.lost[0] - self.lost[1] > self.margin * self.negatives

    def __str__(self) -> str:
        """Return what came of it, in words."""
        if self.gain is None:
            few = f"{self.differing} of {self.items} verdicts differ"
            if self.items < _LEAST:
                few = f"too few flags that both have judged, {self.items}"
            elif self.differing >= _LEAST:
                few = f"too few flags of either label among {self.items}"
            return f"not to be told from {self.title}: {few}"
        value, low, high = self.gain.value, self.gain.low, self.gain.high
        if value < 0:
            more = f"costs {-value:.0f} more per 1,000 than {self.title}"
            return f"{more} [{-high:.0f}–{-low:.0f}]"
        less = f"costs {value:.0f} less per 1,000 than {self.title} [{low:.0f}–{high:.0f}]"
        if self.proven:
            return less
        if self._loses_more:
            ours, theirs = self.lost
            return f"{less}, but {self.loses} {ours} of {self.negatives:,} instead of {theirs}"
        return f"{less}, which is open to doubt"

    def as_json(self) -> dict[str, object]:
        """Return it JSON-ready."""
        gain = None if self.gain is None else [self.gain.value, self.gain.low, self.gain.high]
        return {
            "rival": self.rival,
            "items": self.items,
            "differing": self.differing,
            "cost_less_per_1000": gain,
            "mcnemar_p": self.p,
            "lost": list(self.lost),
            "negatives": self.negatives,
        }


def tried(task: Task, one: Trained, rival: Trained, *, since: int | None = None) -> Trial:
    """Set one model against another, at the task's costs.

    Each verdict was given before its flag was learned. What counts are the later flags of those
    that both have judged: what the two can do now, not how they fared while they knew nothing. The
    scores of each are calibrated on these same flags: two numbers, which both get alike, and which
    what came before a change would get wrong. The challenger has proven itself where the
    95% interval of the cost difference (paired bootstrap) lies below nought, McNemar's exact test
    agrees, and the share of negatives lost rises by no more than the task's scheme allows.

    Parameters
    ----------
    task : Task
        Whose costs count.
    one, rival : Trained
        The challenger, and whom it has to beat.
    since : int, optional
        Flags later than this place in the log count; by default the later half.
    """
    common = np.intersect1d(one.record.seq, rival.record.seq)
    half = common.size // 2 if since is None else int(np.searchsorted(common, since, side="right"))
    common = common[half:]
    records = [each.record.among(common) for each in (one, rival)]
    ours, theirs = (record.at(task, record.calibrated(task)) for record in records)
    met = task.scheme.met(ours, theirs)
    gain = None
    if min(met.differing, met.fewest) >= _LEAST:
        gain = Interval(-met.more.value, -met.more.high, -met.more.low)
    return Trial(
        rival.rung.name,
        rival.rung.title,
        int(common.size),
        met.differing,
        gain,
        met.p,
        met.lost,
        met.of,
        "loses" if isinstance(task.scheme, Binary) else "gets wrong",
        task.scheme.may_lose_more,
    )
