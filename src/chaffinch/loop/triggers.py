"""Triggers: what the adapting loop notices by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chaffinch.experience.store import Experience
from chaffinch.explain.newest import newest
from chaffinch.explain.readable import printable
from chaffinch.explain.table import TermTable
from chaffinch.explain.terms import Term
from chaffinch.loop.trained import Trained
from chaffinch.performance.drift import Adwin, PageHinkley
from chaffinch.performance.record import Record
from chaffinch.scheme import Binary
from chaffinch.task import Task
from chaffinch.types import Adaptation, Trigger

#: Days after which new experience is tried in any case, unless the setting `adapt_days` says
#: otherwise.
DAYS = 7
#: New flags without which nothing is tried: they could prove nothing.
FEWEST = 20
# Nor with a smaller share of all flags: what rounds cost grows with the log.
_FEWEST_SHARE = 0.02
# What is new is set against so many verdicts before it.
_REFERENCE = 2_000
# The newest flags whose terms are looked at, and earlier adaptations whose terms are known.
_TERMS, _KNOWN = 1_000, 100
# New experience counts as much where it is so many flags, and this share of all there was before.
_MUCH, _SHARE = 500, 0.5
# Items nobody flagged that are looked at, and the fewest that tell anything.
_JUDGED, _FEWEST_JUDGED = 500, 100
# The level of the test that unflagged items are of another kind, and the least change that counts.
_LEVEL, _CHANGE = 0.001, 0.02
# Page and Hinkley's sum of excess mistakes that counts as a change: some eight mistakes more than
# were to be expected.
_EXCESS = 8.0
_DAY = 86_400.0


def triggers(
    task: Task,
    experience: Experience,
    champion: Trained,
    last: Adaptation | None,
    *,
    days: float = DAYS,
) -> list[Trigger]:
    """Return what speaks for trying a new model now.

    Five watches look at what came in since the loop tried one last: mistakes, by progressive error
    (each verdict given before its flag was learned), watched by ADWIN (Bifet and Gavaldà, "Learning
    from time-changing data with adaptive windowing", SDM 2007) and Page's and Hinkley's test;
    features, by the share of each item that the model had learned nothing of, watched by ADWIN,
    and, of items that nobody flagged, by the two-sample test of Kolmogorov and Smirnov; terms that
    rise (`chaffinch.explain.newest`), each once; how much experience is new; and the calendar.

    Parameters
    ----------
    task : Task
        The task.
    experience : Experience
        Where flags and verdicts are kept.
    champion : Trained
        The model in force, trained up to the newest flag.
    last : Adaptation or None
        The last round of the loop.
    days : float
        After how many days new experience is tried in any case; 0 means never.
    """
    upto = last.upto if last else 0
    new = champion.record.later_than(upto)
    if new.seq.size < max(FEWEST, _FEWEST_SHARE * champion.record.seq.size):
        return []
    before = champion.record.upto(upto).newest(_REFERENCE)
    return [
        *_errors(before, new),
        *_features(task, experience, champion, before, new),
        *_rising(task, experience, new.seq.size),
        *_experience(champion.record.upto(upto).seq.size, new.seq.size),
        *_schedule(last, days),
    ]


def _errors(before: Record, new: Record) -> Iterator[Trigger]:
    wrong = np.concatenate([one.wrong for one in (before, new)])
    begun = _change(wrong.astype(np.float64), before.seq.size)
    if begun is not None:
        yield _told("errors", "mistakes", np.concatenate((before.seq, new.seq)), wrong, begun)


def _features(
    task: Task, experience: Experience, champion: Trained, before: Record, new: Record
) -> Iterator[Trigger]:
    novelty = np.concatenate((before.novelty, new.novelty)).astype(np.float64)
    known = ~np.isnan(novelty)
    seq = np.concatenate((before.seq, new.seq))[known]
    share = novelty[known]
    begun = _change(share, int(known[: before.seq.size].sum()), errors=False)
    if begun is not None:
        yield _told("features", "features that are new to the model", seq, share, begun)
        return
    unflagged = np.array(
        [
            champion.learner.novelty(champion.rung.features.row(task.reader(item.data), item.owner))
            for item in experience.items.unflagged(task.name, _JUDGED)
        ]
    )
    if min(unflagged.size, share.size) < _FEWEST_JUDGED:
        return
    from scipy.stats import ks_2samp

    usual = share[-_REFERENCE:]
    risen = float(unflagged.mean() - usual.mean())
    if risen > _CHANGE and ks_2samp(unflagged, usual).pvalue < _LEVEL:
        yield Trigger(
            "features",
            f"of {unflagged.size} items that nobody flagged {100 * unflagged.mean():.0f}% is new "
            f"to the model, of flagged ones {100 * usual.mean():.0f}% was",
        )


def _change(values: NDArray[np.float64], old: int, *, errors: bool = True) -> int | None:
    """Return where a rise begins that is noticed among the new values, or None.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)
        In order of arrival, from 0 to 1.
    old : int
        How many of them came before what is new.
    errors : bool
        Whether the values are mistakes, which Page's and Hinkley's test watches as well.
    """
    adwin, page = Adwin(), PageHinkley(threshold=_EXCESS)
    for place, value in enumerate(values.tolist()):
        noticed = adwin.update(value)
        begun = place + 1 - adwin.width if noticed else max(old, place - old)
        noticed |= errors and page.update(value)
        if noticed and place >= old and _rises(values, begun, place):
            return max(0, begun)
    return None


def _rises(values: NDArray[np.float64], begun: int, place: int) -> bool:
    earlier, later = values[:begun], values[begun : place + 1]
    return bool(earlier.size and later.size and later.mean() > earlier.mean())


def _told(
    kind: str, what: str, seq: NDArray[np.int64], values: NDArray[Any], begun: int
) -> Trigger:
    earlier, later = 100 * values[:begun].mean(), 100 * values[begun:].mean()
    return Trigger(
        kind,
        f"{what} rose from {earlier:.1f}% to {later:.1f}%, over the last {values.size - begun} "
        "flags",
        int(seq[begun - 1]),
    )


def _rising(task: Task, experience: Experience, new: int) -> Iterator[Trigger]:
    """Tell what rises among the newest flags, unless the loop knows of it already."""
    if not isinstance(task.scheme, Binary):
        return
    known = {
        Term(*term)
        for one in experience.adaptations.all(task.name, most=_KNOWN)
        for trigger in one.triggers
        for term in trigger.terms
    }
    places = experience.log.places(task.name, upto=experience.log.last_seq(task.name))[-_TERMS:]
    if not places:
        return
    table = TermTable.of(task, experience.examples(task.name, after=places[0] - 1))
    found = newest(table, new=min(new, len(table)), known=known).findings
    if found:
        first = found[0]
        yield Trigger(
            "rising",
            f"'{printable(first.text)}' rises in {first.label}: in {first.counts[1]} of "
            f"{first.sizes[1]} items, in {first.counts[0]} of {first.sizes[0]} before",
            terms=tuple((part, text) for one in found for part, text in (*one.terms, *one.others)),
        )


def _experience(old: int, new: int) -> Iterator[Trigger]:
    if new >= max(_MUCH, _SHARE * old):
        yield Trigger("experience", f"{new:,} new flags, beside {old:,} before")


def _schedule(last: Adaptation | None, days: float) -> Iterator[Trigger]:
    if last is None or not days:
        return
    passed = (time.time() - last.began) / _DAY
    # A clock that was set back tells nothing: then it is time, too.
    if passed >= days or passed < 0:
        yield Trigger("schedule", f"{abs(passed):.0f} days since the last round")
