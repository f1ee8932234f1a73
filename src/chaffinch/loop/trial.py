"""Trial: one model against another, by what their verdicts on the same flags would have cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from chaffinch.performance.compare import apart
from chaffinch.performance.record import Record
from chaffinch.scheme import Binary
from chaffinch.task import Rung, Task
from chaffinch.types import Interval

# Fewer differing verdicts than this prove nothing: 2 · 0.5⁵ > 0.05, McNemar's exact test. Nor do
# fewer items of either label: what was never met cannot be known to be judged well.
_LEAST = 6
_LEVEL = 0.05
# Items of either that are needed where two models judged different ones.
_LEAST_APART = 100


class Contender(Protocol):
    """What can be tried: a rung, and what it said of items before it learned them."""

    @property
    def rung(self) -> Rung:
        """The rung."""
        ...

    @property
    def record(self) -> Record:
        """What it said."""
        ...


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
    elsewhere : int
        Where the one of the two knew the flags before, so that they prove nothing of it: on how
        many other items it was measured.
    known : bool
        Whether it is the rival that knew them. The challenger has proven nothing then: its flags
        may come from few hands or voices, each of which it got to know, and the rival's items from
        others.
    less : float
        What the challenger cost less per 1,000, whether that tells the two apart or not.
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
    elsewhere: int = 0
    known: bool = False
    less: float = 0.0

    @property
    def proven(self) -> bool:
        """Whether the challenger costs less beyond doubt, and loses no more of the negatives."""
        return (
            self.gain is not None
            and self.gain.low > 0
            and self.p <= _LEVEL
            and not self._loses_more
            and not self.known
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
        where = f", measured on {self.elsewhere:,} other items" if self.elsewhere else ""
        if value < 0:
            more = f"costs {_amount(-value)} more per 1,000 than {self.title}"
            return f"{more} [{_amount(-high)}–{_amount(-low)}]{where}"
        less = f"costs {_amount(value)} less per 1,000 than {self.title}"
        less = f"{less} [{_amount(low)}–{_amount(high)}]{where}"
        if self.proven:
            return less
        if self.known:
            return f"{less}, which proves nothing: {self.title} knew these flags"
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
            "elsewhere": self.elsewhere,
        }


def _amount(cost: float) -> str:
    """Return a cost per 1,000, with a decimal where it is small.

    Examples
    --------
    >>> _amount(312.4), _amount(2.38), _amount(-0.04)
    ('312', '2.4', '0')
    """
    return f"{cost:.0f}" if abs(cost) >= 10 else f"{round(cost, 1) + 0.0:g}"


def tried(task: Task, one: Contender, rival: Contender, *, since: int | None = None) -> Trial:
    """Set one model against another, at the task's costs.

    Each verdict was given before its flag was learned. What counts are the later flags of those
    that both have judged: what the two can do now, not how they fared while they knew nothing. The
    scores of each are calibrated on these same flags: two numbers, which both get alike, and which
    what came before a change would get wrong. The challenger has proven itself where the
    95% interval of the cost difference (paired bootstrap) lies below nought, McNemar's exact test
    agrees, and the share of negatives lost rises by no more than the task's scheme allows.

    A rung that begins from what was trained on these very flags has no verdict on them that counts.
    What was measured of it on other items stands in, and the difference is that of two samples; no
    other rung takes its place by that.

    Parameters
    ----------
    task : Task
        Whose costs count.
    one, rival : Contender
        The challenger, and whom it has to beat.
    since : int, optional
        Flags later than this place in the log count; by default the later half.
    """
    common = np.intersect1d(one.record.seq, rival.record.seq)
    if common.size < _LEAST and (other := _measured_apart(task, one, rival)):
        return other
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
        less=-met.more.value,
    )


def _measured_apart(task: Task, one: Contender, rival: Contender) -> Trial | None:
    """Return a trial on different items, where one of the two has seen those of the other."""
    records, elsewhere = [], 0
    for each in (one, rival):
        record = each.record.newest(each.record.seq.size - each.record.seq.size // 2)
        measured = each.rung.measured() if not each.record.seq.size else None
        if measured is not None:
            record, elsewhere = measured, measured.seq.size
        records.append(record)
    if not elsewhere or min(record.seq.size for record in records) < _LEAST_APART:
        return None
    ours, theirs = (task.scheme.judged(each.truth, each.score, each.guess) for each in records)
    met = apart(task.scheme, ours, theirs)
    return Trial(
        rival.rung.name,
        rival.rung.title,
        min(record.seq.size for record in records),
        met.differing,
        Interval(-met.more.value, -met.more.high, -met.more.low),
        met.p,
        met.lost,
        met.of,
        "gets wrong",
        task.scheme.may_lose_more,
        elsewhere,
        not rival.record.seq.size,
        less=-met.more.value,
    )


def climbed(
    task: Task, ladder: Sequence[Contender], start: int = 0, *, since: int | None = None
) -> tuple[int, dict[int, list[Trial]]]:
    """Return which rung is good enough: the simplest that no deeper one beats beyond doubt.

    From where it starts it goes up where a deeper rung has proven itself against every simpler
    one, and down where a simpler one has against that at the start.

    Parameters
    ----------
    task : Task
        Whose costs count.
    ladder : sequence of Contender
        Simplest first.
    start : int
        Where to start.
    since : int, optional
        As for `tried`.

    Returns
    -------
    int
        The place of the rung.
    dict of int to list of Trial
        By place the trials that each rung was put to, in which it was proven or not.
    """
    best = start
    trials: dict[int, list[Trial]] = {}
    for number, one in enumerate(ladder):
        if number == best:
            continue
        rivals = ladder[:number] if number > best else [ladder[best]]
        trials[number] = [tried(task, one, rival, since=since) for rival in rivals]
        if all(trial.proven for trial in trials[number]):
            best = number
    return best, trials


def deeper(ladder: Sequence[Contender], best: int, trials: Mapping[int, list[Trial]]) -> str:
    """Return what going deeper than a rung would buy, in words; empty where that is not known.

    Parameters
    ----------
    ladder : sequence of Contender
        Simplest first.
    best : int
        The place of the rung that is good enough.
    trials : mapping of int to list of Trial
        What `climbed` returned.
    """
    name = ladder[best].rung.name
    found = [
        (trial.gain.value, f"going deeper, {ladder[number].rung.title} {trial}")
        for number in range(best + 1, len(ladder))
        for trial in trials[number]
        if trial.rival == name and trial.gain is not None
    ]
    return max(found)[1] if found else ""
