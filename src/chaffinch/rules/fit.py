"""Learn the weights of rules that people wrote, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chaffinch.errors import InputError
from chaffinch.rules.hits import FloatArray, Hits
from chaffinch.rules.rule import RuleSet
from chaffinch.task import Task
from chaffinch.whole import written_whole

#: What a weight of 1 costs, in log-loss of one item: enough to keep a rule that was met once small.
PENALTY = 1.0
_HEADER = """\
# Weights that were fitted to this installation's experience by `chaffinch rules fit --write`.
# They count more than those given by hand; [weights] in {local} count more than these.
# Delete this file to go back to the weights that ship.

"""


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights learned for the rules of a set, in its order.

    Parameters
    ----------
    intercept : float
        Log-odds where no rule fits.
    weights : ndarray of float64, shape (k,)
        Log-odds that each rule adds; none has another sign than a person gave it.
    """

    intercept: float
    weights: FloatArray


def fit(hits: Hits) -> Fitted:
    """Return the weights under which what is known of the items is likeliest.

    Logistic regression on which rules fit, with a quadratic penalty, by L-BFGS-B (Byrd, Lu, Nocedal
    and Zhu, SIAM Journal on Scientific Computing 16, 1995). A rule written against the positive
    label gets a weight of nought or below, every other one of nought or above: how much a rule
    says is learned, which way it speaks is the person's word.

    Parameters
    ----------
    hits : Hits
        Items of both labels, and the rules that fit each.
    """
    from scipy.optimize import minimize

    # Many items fit the same rules: each such set is looked at once.
    patterns, place = np.unique(hits.matrix, axis=0, return_inverse=True)
    place = place.reshape(-1)
    positive = np.bincount(place, hits.truth, len(patterns))
    whole = np.bincount(place, minlength=len(patterns)).astype(np.float64)
    columns = np.hstack([np.ones((len(patterns), 1)), patterns.astype(np.float64)])

    def loss(given: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = columns @ given
        lost = whole @ np.logaddexp(0.0, scores) - positive @ scores
        gradient = columns.T @ (whole / (1.0 + np.exp(-scores)) - positive)
        penalty = np.concatenate(([0.0], PENALTY * given[1:]))
        return float(lost + 0.5 * penalty @ given), gradient + penalty

    speaks = hits.weights_by_hand
    bounds = [(-20.0, 20.0), *((0.0, None) if one >= 0 else (None, 0.0) for one in speaks)]
    start = np.concatenate(([hits.rules.intercept_by_hand], speaks))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Fitted(float(found[0]), found[1:])


def write_fitted(path: Path, rules: RuleSet, fitted: Fitted, local: Path) -> None:
    """Write fitted weights to where an installation's rules are looked for.

    Parameters
    ----------
    path : Path
        The file, which is replaced in one go.
    rules : RuleSet
        The rules that the weights are of.
    fitted : Fitted
        The weights.
    local : Path
        The file whose word counts more.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    lines = [f"intercept = {fitted.intercept:.4f}", "", "[weights]"]
    lines += [
        f'"{rule.name}" = {weight:.4f}'.replace("= -0.0000", "= 0.0000")
        for rule, weight in zip(rules.rules, fitted.weights, strict=True)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(path) as file:
        file.write((_HEADER.format(local=local.name) + "\n".join(lines) + "\n").encode())


def check_both_labels(task: Task, hits: Hits, what: str) -> None:
    """Refuse items that lack a label, and a set without rules.

    Raises
    ------
    InputError
        If there is no item of one label, or no rule; the message says which, and what to do.
    """
    if not hits.rules.rules:
        raise InputError(
            f"no rule of {task.name} is in force: write some, or take `replace = true` and what is "
            "disabled out of your file"
        )
    for label, there in ((task.positive, hits.truth.any()), (task.negative, (~hits.truth).any())):
        if not there:
            raise InputError(
                f"{what} holds no {label}: give items of both labels, as in "
                f"`--label {task.positive}=PATH --label {task.negative}=PATH`, or flag some"
            )
