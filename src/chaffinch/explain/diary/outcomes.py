"""What a diary tells of verdicts that people have checked by a flag: of two labels, and of many."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from chaffinch.experience.history import History, Periods
from chaffinch.explain.diary.entries import Line
from chaffinch.explain.diary.evidence import Evidences
from chaffinch.explain.diary.lines import NAMED, PEOPLE, Told, by_period, naming
from chaffinch.performance.proportions import clopper_pearson
from chaffinch.scheme import Binary
from chaffinch.task import Task

# Items named in a line of the worst mistakes.
_LOST = 6


class _Fared:
    """Counts how verdicts fared."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._counts = Counter[tuple[str, str, str]]()

    def add(self, row: Any) -> None:
        """Count a row of `History.outcomes`."""
        done = row.action.removeprefix("would-")  # whether or not it was done
        self._counts[row.label, row.said, done] += row.items

    def short(self) -> str:
        """Return how many were right, wrong and unsure."""
        unsure = sum(count for (*_, done), count in self._counts.items() if done == "unsure")
        wrong = self._counts.total() - unsure - self._right()
        return f"{self._right():,} right, {wrong:,} wrong" + (
            f", {unsure:,} unsure" if unsure else ""
        )

    def shares(self) -> str:
        """Return how many were right, and which mistakes there were, as shares with intervals."""
        said = [f"right {_of(self._right(), self._counts.total())}"]
        if isinstance(self._task.scheme, Binary):
            for label, action, word in (
                (self._task.negative, "junk", "lost"),
                (self._task.positive, "deliver", "missed"),
            ):
                some = {key: count for key, count in self._counts.items() if key[0] == label}
                if some:
                    mistaken = sum(count for (*_, done), count in some.items() if done == action)
                    said.append(f"{label} {word} {_of(mistaken, sum(some.values()))}")
        else:
            accepted = sum(count for (*_, done), count in self._counts.items() if done == "accept")
            if accepted:
                said.append(f"wrong of accepted {_of(accepted - self._right(), accepted)}")
        return ", ".join(said)

    def _right(self) -> int:
        if isinstance(self._task.scheme, Binary):
            right = {(self._task.negative, "deliver"), (self._task.positive, "junk")}
            return sum(
                count for (label, _, done), count in self._counts.items() if (label, done) in right
            )
        return sum(
            count
            for (label, said, done), count in self._counts.items()
            if done == "accept" and said == label
        )


def outcome_lines(task: Task, history: History, periods: Periods, evidence: Evidences) -> Told:
    """Yield how the verdicts fared that flags have checked, and the mistakes among them."""
    outcomes = by_period(history.outcomes(periods))
    kinds = _mistakes(task)
    met = by_period(history.mistakes(periods, *_two(task), _LOST))
    so_far: dict[str, _Fared] = defaultdict(lambda: _Fared(task))
    for number in sorted(outcomes):
        here = _Fared(task)
        models = Counter[str]()
        for row in outcomes[number]:
            here.add(row)
            so_far[row.model].add(row)
            models[row.model] += row.items
        if number < 0:
            continue
        said = f"Checked by flags: {here.short()}."
        judges = [model for model, _ in models.most_common(PEOPLE)]
        live = history.live(periods.start(number + 1)) or judges[0]
        if live in so_far:
            said += f" The live model so far: {so_far[live].shares()}."
            judges = list(dict.fromkeys([live, *judges]))[:PEOPLE]
        yield number, Line((said,), tuple(evidence.model(model) for model in judges))
        for kind in kinds:
            count = sum(row.items for row in outcomes[number] if kind.holds(row))
            if count:
                named = [row for row in met[number] if kind.holds(row)]
                named = named[-(_LOST if kind.worst else NAMED) :]
                head = (f"{kind.head}: {count:,}",)
                yield number, naming(head, named, count, evidence, worst=kind.worst)


def _two(task: Task) -> tuple[str, str]:
    """Return the negative and the positive label of two; nothing of many."""
    return (task.negative, task.positive) if isinstance(task.scheme, Binary) else ("", "")


class _Mistake(NamedTuple):
    """A kind of mistake: what it is called, what was done, and to which label of two."""

    head: str
    action: str
    label: str = ""
    worst: bool = False

    def holds(self, row: Any) -> bool:
        """Return whether a row is of it; of many labels what is not as it was said."""
        wrong: bool = row.label == self.label if self.label else row.label != row.said
        return wrong and row.action == self.action


def _mistakes(task: Task) -> tuple[_Mistake, ...]:
    if not isinstance(task.scheme, Binary):
        return (
            _Mistake("Accepted, and wrong", "accept"),
            _Mistake("Wrong, and would have been accepted (log only)", "would-accept"),
        )
    negative, positive = _two(task)
    lost = negative.capitalize()
    return (
        _Mistake(f"{lost} lost, put into junk", "junk", negative, worst=True),
        _Mistake(
            f"{lost} that would have been lost (log only)", "would-junk", negative, worst=True
        ),
        _Mistake(f"{positive.capitalize()} missed, delivered", "deliver", positive),
    )


def _of(count: int, total: int) -> str:
    share = clopper_pearson(count, total)
    return (
        f"{count:,} of {total:,} ({100 * share.value:.1f}% "
        f"[{100 * share.low:.1f}–{100 * share.high:.1f}])"
    )
