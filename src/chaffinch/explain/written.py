"""Why hand-written rules gave one of many labels: the rules that fit, each with its weight."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chaffinch.explain.reasons import choose
from chaffinch.features.rules import RuleFeatures
from chaffinch.types import Reason

if TYPE_CHECKING:
    from chaffinch.scheme import Said
    from chaffinch.task import Judge


def by_rules(
    judge: Judge, content: Any, owner: str, said: Said, count: int
) -> tuple[tuple[Reason, ...], float]:
    """Return the rules that fit: those for the label speak for it, those for others against it.

    What the score is beside their sum is the rest: of the rules for other labels only the strongest
    matter.

    Parameters
    ----------
    judge : Judge
        What judged, on a rung of rules.
    content : object
        The item as it was read.
    owner : str
        Whose it is.
    said : Said
        What was said of it.
    count : int
        How many reasons to return at most.
    """
    features = judge.rung.features
    if not isinstance(features, RuleFeatures):
        raise TypeError(f"{features!r} are no rules")
    fit = [features.rules.rules[slot] for slot in features.row(content, owner).slots]
    weights = np.array(
        [
            judge.policy.slope * (rule.weight if rule.label == said.label else -rule.weight)
            for rule in fit
        ]
    )
    taken = choose(weights, count, positive=True).tolist() if fit else []
    reasons = tuple(
        Reason(
            fit[one].description,
            f"rule {'for' if fit[one].weight > 0 else 'against'} {fit[one].label}",
            float(weights[one]),
            quoted=False,
        )
        for one in taken
    )
    return reasons, said.score - said.intercept - sum(reason.weight for reason in reasons)
