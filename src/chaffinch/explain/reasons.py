"""Why this verdict: the score divided among what people know: words, phrases, links, headers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaffinch.compiled import or_compiled
from chaffinch.explain.readable import readable
from chaffinch.explain.wording import Wording, tell_links
from chaffinch.features.rows import Line, Shares
from chaffinch.types import Reason

if TYPE_CHECKING:
    from chaffinch.scheme import Said
    from chaffinch.task import Judge

_EDGES = " \t\r\n.,;:!?\"'()[]{}<>*_|=-"
# What parts a phrase from its neighbours.
_BETWEEN = " \t\r\n,;:"
_LINK = ("http://", "https://", "www.")
_STOPS = '.,;:!?)"'
# A phrase is of so many words at most, the weakest of two neighbours at least so strong.
_PHRASE, _BESIDE = 4, 0.25
# A header of up to so many words and letters is one reason; of a longer one the words are.
_LINE_WORDS, _LINE_LETTERS = 9, 90
# What a header's name must hold of it where its being there is what says something.
_NAME_ALONE = 2 / 3
_LONGEST_NAME = 30
# How far a line's words may join: not at all, to phrases, to one.
_APART, _PHRASES, _ONE = 0, 1, 2
_KERNEL = "chaffinch.explain._kernel"


class Groups(NamedTuple):
    """Words put together to reasons: pieces that read alike are one group.

    Attributes
    ----------
    weights, own : ndarray of float64, shape (groups,)
        Share of the score of each, and how much of it is the owner's own view.
    first : ndarray of int64, shape (groups,)
        The piece by which each is told.
    group : ndarray of int64, shape (pieces,)
        Of which group each piece is.
    starts, ends : ndarray of int64, shape (pieces,)
        The first word of each piece, and the first behind it.
    lines : ndarray of int64, shape (pieces,)
        The line of each piece.
    said : dict of int to str
        What a word says, where it is not told as itself.
    """

    weights: NDArray[np.float64]
    own: NDArray[np.float64]
    first: NDArray[np.int64]
    group: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]
    said: dict[int, str]


def explain(
    shares: Shares, wording: Wording, count: int, *, positive: bool = True
) -> tuple[tuple[Reason, ...], float]:
    """Return the reasons that said most, strongest first, and what all others say together.

    At least half of them speak for the label, where there are so many: the strongest of these are
    taken first, then the strongest of all.

    Parameters
    ----------
    shares : Shares
        How much each word said.
    wording : Wording
        How the task tells its parts.
    count : int
        How many to return at most.
    positive : bool
        Whether the label is the positive one.

    Returns
    -------
    tuple of Reason
        Whose weights and the rest add up to the sum of the shares.
    float
        The rest: 0 where no reason is left out.

    Examples
    --------
    >>> words = "A free credit card, free!".split()
    >>> weights = np.array([-0.1, 0.2, 0.3, 0.25, 0.2])
    >>> shares = Shares(words, [Line("body", 0, 5)], weights, np.zeros(5))
    >>> reasons, rest = explain(shares, Wording(), 2)
    >>> [(reason.text, round(reason.weight, 2)) for reason in reasons], round(rest, 2)
    ([('credit card', 0.55), ('free', 0.4)], -0.1)
    """
    if not shares.words:
        return (), 0.0
    groups = group(shares, wording)
    taken = choose(groups.weights, count, positive=positive)
    rest = groups.weights.copy()
    rest[taken] = 0.0
    return tuple(tell(shares, groups, wording, one) for one in taken.tolist()), float(rest.sum())


def by_words(
    judge: Judge, content: Any, owner: str, said: Said, count: int
) -> tuple[tuple[Reason, ...], float]:
    """Return why a binary model gave a verdict: its score divided among the words of the item.

    Parameters
    ----------
    judge : Judge
        What judged.
    content : object
        The item as it was read.
    owner : str
        Whose it is.
    said : Said
        What was said of it.
    count : int
        How many reasons to return at most.
    """

    def weigh(slots: NDArray[np.int64]) -> NDArray[Any]:
        weights: NDArray[Any] = judge.policy.slope * judge.learner.weights_of(slots)
        return weights

    shares = judge.rung.features.shares(content, weigh, owner)
    return explain(shares, judge.task.wording, count, positive=said.score > 0)


def choose(weights: NDArray[np.float64], count: int, *, positive: bool) -> NDArray[np.int64]:
    """Return which reasons to show: the strongest, at least half of them for the label.

    Examples
    --------
    >>> choose(np.array([-5.0, 1.0, -4.0, 2.0, -3.0]), 3, positive=True).tolist()
    [0, 3, 1]
    """
    ranked: NDArray[np.int64] = np.argsort(-np.abs(weights), kind="stable")
    ranked = ranked[weights[ranked] != 0.0]
    if ranked.size <= count:
        return ranked
    speaking = np.flatnonzero((weights[ranked] > 0.0) == positive)[: (count + 1) // 2]
    spoken = set(speaking.tolist())
    others = [place for place in range(count) if place not in spoken][: count - speaking.size]
    taken: NDArray[np.int64] = ranked[sorted([*spoken, *others])]
    return taken


def group(shares: Shares, wording: Wording) -> Groups:
    """Put words together that are one thing to people."""
    words, lines = shares.words, shares.lines
    keys = keys_of(words)
    said: dict[int, str] = {}
    joins = []
    for line in lines:
        tell_words = wording.tell.get(line.where)
        if line.where == _RULE.where or (tell_words and not line.named):
            own_words = words[line.first : line.end]
            for place, text in enumerate(tell_words(own_words) if tell_words else own_words):
                said[line.first + place] = text
                keys[line.first + place] = f"\n{text}"
            joins.append(_APART)
        else:
            joins.append(_ONE if _is_one(words, line, wording) else _PHRASES)
    weights, own, first, of, starts, ends, line_of = put_together(shares, keys, joins)
    return Groups(weights, own, first, of, starts, ends, line_of, said)


@or_compiled(_KERNEL)
def keys_of(words: list[str]) -> list[str]:
    """Return what is equal of words that are one to people, whatever case and signs around them.

    Examples
    --------
    >>> keys_of(["FREE!", "(free)", "***"])
    ['free', 'free', '']
    """
    return list(map(str.strip, "\n".join(words).lower().split("\n"), repeat(_EDGES)))


@or_compiled(_KERNEL)
def put_together(shares: Shares, keys: list[str], joins: list[int]) -> tuple[NDArray[Any], ...]:
    """Join neighbours to pieces, and put pieces of equal words in parts of one name together.

    Neighbours are a phrase where they push the same way, about as strongly, and occur equally
    often: a word that stands elsewhere too is a reason by itself.

    Parameters
    ----------
    shares : Shares
        The words.
    keys : list of str, length k
        What has to be equal of words that are.
    joins : list of int
        How far each line's words may join.

    Returns
    -------
    weights, own, first, group, starts, ends, lines : ndarray
        As `Groups` has them, groups in the order of their first pieces.
    """
    words, lines = shares.words, shares.lines
    weights = shares.weights.tolist()
    times = Counter(keys)
    groups: dict[tuple[str, ...], int] = {}
    found: list[tuple[int, int, int, int]] = []
    first: list[int] = []
    for number, (line, joined) in enumerate(zip(lines, joins, strict=True)):
        start = line.first
        while start < line.end:
            end = start + 1
            while end < line.end and (joined == _ONE or (joined and end - start < _PHRASE)):
                before, key, beside = end - 1, keys[end - 1], keys[end]
                # The name of a line is a reason by itself where the line is not one.
                if joined == _PHRASES and (
                    (line.named and before == line.first)
                    or not weights[before] * weights[end] > 0.0
                    or not _beside(weights[before], weights[end])
                    or times[key] != times[beside]
                    or not (key and beside)
                    or words[before][-1] in _STOPS
                    or key.startswith(_LINK)
                    or beside.startswith(_LINK)
                ):
                    break
                end += 1
            place = groups.setdefault((line.where, *keys[start:end]), len(first))
            if place == len(first):
                first.append(len(found))
            found.append((place, start, end, number))
            start = end
    group, starts, ends, of = np.array(found, np.int64).reshape(-1, 4).T.copy()
    # Words stand in lines, in order, so that those of a piece are all up to the next one.
    sums = (
        np.bincount(np.repeat(group, ends - starts), each, len(first)).astype(np.float64)
        for each in (shares.weights, shares.own)
    )
    return *sums, np.array(first, np.int64), group, starts, ends, of


def _beside(one: float, other: float) -> bool:
    weak, strong = sorted((abs(one), abs(other)))
    return weak >= _BESIDE * strong


_RULE = Line("rule", 0, 0)


def _is_one(words: Sequence[str], line: Line, wording: Wording) -> bool:
    """Tell whether a line is one reason: a short header."""
    if not line.named or line.where in wording.prose or line.end - line.first > _LINE_WORDS:
        return False
    return sum(map(len, words[line.first : line.end])) <= _LINE_LETTERS


def tell(shares: Shares, groups: Groups, wording: Wording, number: int) -> Reason:
    """Return a group as people read it."""
    piece = int(groups.first[number])
    first, end = int(groups.starts[piece]), int(groups.ends[piece])
    line = shares.lines[int(groups.lines[piece])]
    weight, own = float(groups.weights[number]), float(groups.own[number])
    if first in groups.said:
        text, _ = readable(groups.said[first])
        return Reason(text, wording.names.get(line.where, line.where), weight, own, quoted=False)
    where = _named(shares, line, wording)
    if line.named and first == line.first:
        if end == line.first + 1 or _is_name_alone(shares, first, end):
            name, _ = readable(shares.words[first].rstrip(":"))
            return Reason(f"has a header {name}", "header", weight, own, quoted=False)
        first += 1
    text, quoted = readable(_quotable(shares.words[first:end]))
    return Reason(text, where, weight, own, quoted)


def _quotable(words: Sequence[str]) -> str:
    """Join words for the eye; what consists of signs alone stays."""
    text = " ".join(words)
    if len(words) > 1:
        return text.strip(_BETWEEN) or text
    text = text.strip(_EDGES) or text
    return tell_links([text])[0] if text.lower().startswith(_LINK) else text


def _named(shares: Shares, line: Line, wording: Wording) -> str:
    if line.where in wording.names or not line.named:
        return wording.names.get(line.where, line.where)
    name, _ = readable(shares.words[line.first].rstrip(":"))
    return f"header {name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + '…'}"


def _is_name_alone(shares: Shares, first: int, end: int) -> bool:
    weights = shares.weights[first:end]
    total = float(weights.sum())
    return not any(shares.words[first + 1 : end]) or bool(
        weights[0] * total > 0.0 and abs(weights[0]) >= _NAME_ALONE * abs(total)
    )
