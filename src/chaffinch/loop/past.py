"""The way back: the models that were live before, as rolling back walks through them."""

from __future__ import annotations

from collections.abc import Sequence

from chaffinch.types import Launch

#: Why a model is made again that is otherwise as it was, as the history of launches says it.
MADE_AGAIN = "a flag was taken back, held or changed"


def way_back(history: Sequence[Launch]) -> list[Launch]:
    """Return what was live, oldest first, up to what is live now; nothing where a starter is.

    A roll back undoes launches, so that going back twice goes back two champions. A model that was
    only made again, without flags taken back, held or changed, stands for the one before it.

    Parameters
    ----------
    history : sequence of Launch
        All launches of a task, newest first.

    Examples
    --------
    >>> def launch(model, reason, *, rollback=False):
    ...     return Launch("mail", model, "bayes", 0.0, reason, rollback=rollback)
    >>> history = [
    ...     launch("m3", f"bayes, trained on 49 flags: {MADE_AGAIN}; no other rung has beaten it"),
    ...     launch("m2", "bayes, trained on 50 flags: no other rung has beaten it"),
    ...     launch("m1", "bayes, trained on 20 flags: the first"),
    ... ]
    >>> [one.model for one in way_back(history)]
    ['m1', 'm3']
    >>> [one.model for one in way_back([launch("m1", "rolled back", rollback=True), *history])]
    ['m1']
    """
    live: Launch | None = None
    stack: list[tuple[Launch, bool]] = []
    for past in reversed(history):
        if past.rollback:
            to = _brought_back(past)
            while stack and stack[-1][0].model not in to:
                stack.pop()
        else:
            same = live is not None and live.rung == past.rung
            stack.append((past, same and f": {MADE_AGAIN};" in past.reason))
        live = past
    way: list[Launch] = []
    for one, again in stack:
        if not again:
            way.append(one)
        elif way:
            way[-1] = one
        # Otherwise a starter that was brought back was made again.
    return way


def _brought_back(rollback: Launch) -> tuple[str, str]:
    """Return the model that is live since a roll back, and the one that it was made again from."""
    # As in "rolled back from m3 to m1 without 2 flags taken back or changed since".
    named = rollback.reason.partition(" to ")[2].split(" ")[0]
    return rollback.model, named
