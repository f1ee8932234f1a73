"""How soon a new campaign is found, and how often something is found where nothing rises."""

from __future__ import annotations

import argparse
import random
import re
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write
from streams import SEED, Message, Stream, make_stream
from tables import markdown

from chaffinch.explain.newest import LEVEL, Look, looks, newest
from chaffinch.explain.rising import Window, rising
from chaffinch.explain.spellings import Spelled, spelled
from chaffinch.explain.table import TermTable
from chaffinch.task import Task

IntArray = NDArray[np.int64]

PLANTED, RECENT = 20, 1000
CAMPAIGNS, ORDERS = 40, 2
WEEKS, OF_A_WEEK, REPETITIONS = 20, 200, 6
#: What is measured, each by itself: the slowest first.
JOBS = (
    "spamassassin quiet",
    "spamassassin planted",
    "spamassassin by date",
    "enron by date",
    "sms planted",
    "sms quiet",
)
#: Flags, of any mail, between two looks.
EVERY = (1, 5, 25)
#: Parts of the words of a campaign's text that each copy changes: by replacing, by swapping with
#: the next, by inserting before, by spelling otherwise, each.
CHANGED = {"light": 0.02, "moderate": 0.05, "heavy": 0.10}
#: Words that a text has to have to be made a campaign of.
WORDS = {"mail": (30, 1500), "message": (8, 200)}

_GREETINGS = ("Hi", "Hello", "Dear friend", "Dear customer", "Good day", "Hey", "Attention", "Sir")
_NAMES = "alba bruno carla dario edna fabio greta hugo irene jonas karla louis marta nils".split()
_DIGIT = re.compile(r"\d")
_LOOKS = {"a": "4@", "e": "3€", "i": "1!", "o": "0", "s": "5$", "t": "7"}


def respelled(word: str, draw: random.Random) -> str:
    """Return a word as who hides from filters would write it."""
    kind = draw.randrange(3)
    if kind == 0:
        return ".".join(word)
    place = draw.randrange(len(word))
    letter = word[place]
    if kind == 1:
        return word[:place] + 3 * letter + word[place + 1 :]
    likes = _LOOKS.get(letter.lower(), letter)
    return word[:place] + draw.choice(likes) + word[place + 1 :]


def varied(text: str, changed: float, pool: Sequence[str], draw: random.Random) -> str:
    """Return a copy of a text with some of its words changed, and all of its numbers."""
    words: list[str] = []
    for word in text.split():
        if draw.random() < changed:
            words.append(draw.choice(pool))
        if draw.random() < changed:
            words.append(draw.choice(pool))
        elif draw.random() < changed:
            words.append(respelled(word, draw))
        else:
            words.append(_DIGIT.sub(lambda _: str(draw.randrange(10)), word))
        if len(words) > 1 and draw.random() < changed:
            words[-2:] = words[:-3:-1]
    return " ".join(words)


@dataclass(frozen=True)
class Corpus:
    """Mails or messages, and campaigns made of some of them, in one table.

    Parameters
    ----------
    task : Task
        What they are of.
    table : TermTable
        All of them: first those of the corpus, then the campaigns' in turn.
    size : int
        How many are the corpus'.
    sources : list of int
        The row of what each campaign was made of.
    strengths : list of str
        How much each campaign's copies differ.
    """

    task: Task
    table: TermTable
    size: int
    sources: list[int]
    strengths: list[str]

    def copies(self, campaign: int) -> IntArray:
        """Return the rows of a campaign."""
        start = self.size + campaign * PLANTED
        return np.arange(start, start + PLANTED)

    def of(self, rows: IntArray) -> TermTable:
        """Return the table of some rows, in this order."""
        table = self.table
        entries = [table.entries[row] for row in rows.tolist()]
        return TermTable(
            self.task,
            entries,
            table.truth[rows],
            table.group[rows],
            table.terms,
            table.matrix[rows],
        )


def corpus(stream: Stream, campaigns: int) -> Corpus:
    """Return a stream's items with campaigns made of its spam; a third of them at each strength."""
    task, messages = stream.task, list(stream.messages)
    draw = random.Random(f"campaigns {stream.name}")
    spam = [row for row, message in enumerate(messages) if message.label == task.positive]
    contents = {row: task.reader(messages[row].data) for row in spam}
    texts = {row: [text for _, text in task.vocabulary(contents[row])] for row in spam}
    pool = [word for row in draw.sample(spam, 200) for word in texts[row][-2].split()[:50]]
    least, most = WORDS[task.name]
    fit = [row for row in spam if least <= len(texts[row][-2].split()) <= most]
    sources = draw.sample(fit, campaigns)
    strengths = [list(CHANGED)[number % len(CHANGED)] for number in range(campaigns)]
    for source, strength in zip(sources, strengths, strict=True):
        for _ in range(PLANTED):
            body = varied(texts[source][-2], CHANGED[strength], pool, draw)
            body = f"{draw.choice(_GREETINGS)} {draw.choice(_NAMES)}, {body}"
            data = body.encode("utf-8", "replace")
            if task.name == "mail":
                subject = varied(texts[source][0], CHANGED[strength], pool, draw)
                data = _mail(subject, data, messages[draw.choice(spam)].data, draw)
            messages.append(Message(data, task.positive, task.name))
    table = TermTable.of(task, (message.example for message in messages))
    return Corpus(task, table, len(stream.messages), sources, strengths)


def _mail(subject: str, body: bytes, donor: bytes, draw: random.Random) -> bytes:
    """Return a mail with another's headers, but for what it says and who sends it."""
    head = re.split(rb"\r?\n\r?\n", donor, maxsplit=1)[0]
    kept, keep = [], False
    for line in head.splitlines():
        if not line.startswith((b" ", b"\t")):
            name = line.partition(b":")[0].lower()
            keep = not name.startswith((b"subject", b"from", b"content-", b"mime", b"reply-to"))
        if keep:
            kept.append(line)
    name = draw.choice(_NAMES)
    kept.append(
        f"From: {name} <{name}{draw.randrange(1000)}@host{draw.randrange(99)}.example>".encode()
    )
    kept.append(b"Subject: " + subject.encode("utf-8", "replace"))
    return b"\n".join(kept) + b"\n\n" + body + b"\n"


def flags_until_found(data: Corpus, campaign: int, seed: int) -> dict[int, int | None]:
    """Return how many of a campaign's flags had come in when it was found, by how often one looks.

    The past is the corpus in an order of the seed, without the near-copies of what the campaign was
    made of; the campaign lies at random places among the last thousand. None where it is not found.
    """
    draw = np.random.default_rng((seed, campaign))
    own = data.copies(campaign)
    groups = data.table.group[[data.sources[campaign], *own.tolist()]]
    rows = draw.permutation(np.flatnonzero(~np.isin(data.table.group[: data.size], groups)))
    size = rows.size + PLANTED
    places = size - RECENT + np.sort(draw.choice(RECENT, PLANTED, replace=False))
    planted = np.zeros(size, np.bool_)
    planted[places] = True
    order = np.empty(size, np.int64)
    order[planted], order[~planted] = draw.permutation(own), rows
    words = spelled(data.of(order))
    for place in places.tolist():
        if any(found(words, look, planted) for look in looks(words, range(place, place + 1))):
            ends = {every: -(-(place + 1) // every) * every for every in EVERY}
            return {every: int(np.count_nonzero(places < end)) for every, end in ends.items()}
    return dict.fromkeys(EVERY)


def found(words: Spelled, look: Look, planted: NDArray[np.bool_]) -> bool:
    """Return whether a look finds a term that most items of the window have from the campaign."""
    chosen = look.test.q <= LEVEL
    if not chosen.any():
        return False
    columns, start = look.columns[chosen], int(look.starts[chosen].min())
    within = np.arange(start, look.row + 1)
    within = within[words.table.truth[within]]
    having = words.matrix[within][:, columns].toarray() > 0
    return bool((having[planted[within]].sum(axis=0) * 2 > having.sum(axis=0)).any())


def planted(data: Corpus, seeds: Sequence[int]) -> dict[str, Any]:
    """Return how soon campaigns are found, by how much their copies differ."""
    flags: dict[str, dict[int, list[int | None]]] = {}
    for seed in seeds:
        for campaign, strength in enumerate(data.strengths):
            of = flags.setdefault(strength, {every: [] for every in EVERY})
            for every, count in flags_until_found(data, campaign, seed).items():
                of[every].append(count)
    flags["all"] = {every: [n for of in flags.values() for n in of[every]] for every in EVERY}
    return {
        strength: {f"a look every {every}": _delay(counts) for every, counts in of.items()}
        for strength, of in flags.items()
    }


def _delay(counts: Sequence[int | None]) -> dict[str, Any]:
    known = [PLANTED + 1 if count is None else count for count in counts]
    return {
        "campaigns": len(known),
        "median": float(np.median(known)),
        "within_4": float(np.mean([count <= 4 for count in known])),
        "within_5": float(np.mean([count <= 5 for count in known])),
        "within_6": float(np.mean([count <= 6 for count in known])),
        "not_found": sum(count is None for count in counts),
        "worst": max(known),
        "counts": {str(count): known.count(count) for count in sorted(set(known))},
    }


def quiet(data: Corpus, seeds: Sequence[int], *, copies: bool) -> dict[str, Any]:
    """Return how often something is found in weeks that differ by chance alone."""
    start = time.process_time()
    seen = np.flatnonzero(data.table.first_copies[: data.size])
    if copies:
        seen = np.arange(data.size)
    alarmed, weekly, both, positive, labels = 0, 0, 0, 0, 0
    for seed in seeds:
        rows = np.random.default_rng((seed, 7)).permutation(seen)
        first = rows.size - WEEKS * OF_A_WEEK
        words = spelled(data.of(rows))
        alarms = np.zeros(WEEKS * OF_A_WEEK, np.bool_)
        for look in looks(words, range(first, rows.size)):
            if (look.test.q <= LEVEL).any():
                alarms[look.row - first] = True
                positive += bool(words.table.truth[look.row])
        in_week = alarms.reshape(WEEKS, OF_A_WEEK)
        alarmed += int(alarms.sum())
        weekly += int(in_week.any(axis=1).sum())
        for week in range(WEEKS):
            table = data.of(rows[: first + (week + 1) * OF_A_WEEK])
            findings = rising(table, Window(last=OF_A_WEEK)).findings
            labels += bool(findings)
            both += bool(findings) or bool(in_week[week].any())
    weeks = WEEKS * len(seeds)
    return {
        "items": int(seen.size),
        "weeks": weeks,
        "flags_of_a_week": OF_A_WEEK,
        "looks": weeks * OF_A_WEEK,
        "looks_with_alarm": alarmed,
        "of_these_of_spam": positive,
        "weeks_with_alarm_percent": 100 * weekly / weeks,
        "weeks_found_risen_or_fallen_at_their_end_percent": 100 * labels / weeks,
        "weeks_with_either_percent": 100 * both / weeks,
        "seconds": round(time.process_time() - start, 1),
    }


def real(stream: Stream) -> dict[str, Any]:
    """Return how much is found on a stream in its own order, in counts."""
    task = stream.task
    start = time.process_time()
    table = TermTable.of(task, (message.example for message in stream.messages))
    built = time.process_time()
    words = spelled(table)
    answer: dict[str, Any] = {"items": len(table)}
    first = len(table) // 4
    for label, truth in ((task.positive, True), (task.negative, False)):
        answer[label] = {"looks": int((table.truth[first:] == truth).sum()), "alarms": 0, "new": 0}
    known: set[int] = set()
    for look in looks(words, range(first, len(table))):
        columns = set(look.columns[look.test.q <= LEVEL].tolist())
        if columns:
            of = answer[task.positive if table.truth[look.row] else task.negative]
            of["alarms"] += 1
            of["new"] += not columns & known
            known |= columns
    looked = time.process_time()
    newest(table)
    once = time.process_time()
    for last in (500, 1000):
        found = rising(table, Window(last=last))
        for label in found.labels:
            answer[label][f"sizes_{last}"] = found.sizes[label]
            answer[label][f"rose_{last}"] = sum(one.rose for one in found.of(label))
            answer[label][f"fell_{last}"] = sum(not one.rose for one in found.of(label))
    answer["seconds"] = {
        "table": round(built - start, 2),
        "a look, of many": round((looked - built) / (len(table) - first), 4),
        "newest": round(once - looked, 2),
        "rising": round((time.process_time() - once) / 2, 2),
    }
    return answer


def measured(job: str, seed: int, campaigns: int, orders: int, repetitions: int) -> dict[str, Any]:
    """Return what one part of the benchmark measures, by its name."""
    name, _, part = job.partition(" ")
    if part == "by date":
        return real(make_stream(name, order="date"))
    data = corpus(make_stream(name, seed=seed), campaigns)
    seeds = [seed * 1000 + number for number in range(repetitions)]
    if part == "planted":
        return {"planted": planted(data, seeds[:orders])}
    return {
        "quiet": quiet(data, seeds, copies=False),
        "quiet_with_near_copies": quiet(data, seeds[:2], copies=True),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED, help="of the shuffles")
    parser.add_argument("--campaigns", type=int, default=CAMPAIGNS)
    parser.add_argument("--orders", type=int, default=ORDERS, help="in which each is planted")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS, help="of quiet weeks")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--no-results", action="store_true")
    options = parser.parse_args()
    sizes = (options.seed, options.campaigns, options.orders, options.repetitions)
    with ProcessPoolExecutor(options.workers) as pool:
        parts = {job: pool.submit(measured, job, *sizes) for job in JOBS}
        found = {job: part.result() for job, part in parts.items()}
    results: dict[str, Any] = {"seed": options.seed}
    for job, part in found.items():
        name = job.partition(" ")[0]
        results.setdefault(f"{name}_by_date" if job.endswith("by date") else name, {}).update(part)
    for name in ("spamassassin", "sms"):
        show(name, results[name])
    for name in ("spamassassin", "enron"):
        print(f"\n{name} by date: {results[f'{name}_by_date']}")
    if not options.no_results:
        write("mail_rising", results)


def show(name: str, found: dict[str, Any]) -> None:
    """Print what was measured on one corpus."""
    print(f"\n{name}: a campaign of {PLANTED} among {RECENT:,}: flags of it until it is found\n")
    head = ("copies differ", "look", "campaigns", "median", "by 4 %", "by 5 %", "by 6 %", "worst")
    rows = [
        (
            strength,
            look,
            f"{of['campaigns']}",
            f"{of['median']:g}",
            *(f"{100 * of[f'within_{count}']:.0f}" for count in (4, 5, 6)),
            f"{of['worst']}" if not of["not_found"] else f"{of['not_found']} never",
        )
        for strength, by in found["planted"].items()
        for look, of in by.items()
    ]
    print(markdown(head, rows))
    for kind in ("quiet", "quiet_with_near_copies"):
        print(f"\n{name}, {kind.replace('_', ' ')}: nothing rises but by chance\n")
        print(markdown(("measured", ""), [(key, f"{n:g}") for key, n in found[kind].items()]))


if __name__ == "__main__":
    main()
