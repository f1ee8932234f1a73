"""The protocols of the TREC Spam Track, played with any filter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from peers.peer import NO_OPINION, CrashError, Judgement, Peer
from streams import Message

from chaffinch.performance.judged import Judgements
from chaffinch.performance.scores import ScoresWriter


def parts(
    messages: Sequence[Message], protocol: str
) -> tuple[Sequence[Message], Sequence[Message]]:
    """Return the mails that are learned first, and those that are judged."""
    half = len(messages) // 2 if protocol == "batch" else 0
    return messages[:half], messages[half:]


def play(
    peer: Peer,
    messages: Sequence[Message],
    protocol: str,
    delay: int,
    writer: ScoresWriter,
    progress: Callable[[int], None],
) -> Judgements:
    """Let a filter judge a stream, and return what it said.

    Where it crashes it has no opinion of the mail, or does not learn it.

    Parameters
    ----------
    peer : Peer
        The filter, started and without experience.
    messages : sequence of Message
        In judged order.
    protocol : {"immediate", "delayed", "batch"}
        When a mail is learned: as soon as it was judged; when ``delay`` later ones were; or the
        first half before anything is judged.
    delay : int
        For ``"delayed"``.
    writer : ScoresWriter
        Given each judgement.
    progress : callable
        Told of the number of mails gone through, learned and judged.
    """
    learned, judged = parts(messages, protocol)
    for number, message in enumerate(learned):
        learn(peer, message)
        progress(number)
    waits = {"immediate": 0, "delayed": delay}.get(protocol)
    waiting: deque[Message] = deque()
    said = []
    for number, message in enumerate(judged):
        judgement = judge(peer, message)
        said.append(judgement)
        verdict = "spam" if judgement.spam else "ham"
        writer.write(message.label, verdict, judgement.score, message.id)
        if waits is not None:
            waiting.append(message)
            if len(waiting) > waits:
                learn(peer, waiting.popleft())
        progress(len(learned) + number)
    return Judgements(
        np.array([message.label == "spam" for message in judged]),
        np.array([judgement.score for judgement in said]),
        np.array([judgement.spam for judgement in said]),
    )


def judge(peer: Peer, message: Message) -> Judgement:
    try:
        return peer.judge(message.data)
    except CrashError:  # which the peer counts
        return NO_OPINION


def learn(peer: Peer, message: Message) -> None:
    with suppress(CrashError):
        peer.learn(message.data, message.label)
