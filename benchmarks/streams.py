"""Streams in judged order, mails cut or not, of which every filter gets exactly the same bytes.

A stream comes from a data set of the catalogue or from any path that can be learned from.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from chaffinch.datasets import CATALOGUE, get, messages
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.task import Task, get_task
from chaffinch.types import Example, Item

SEED = 42  # that of the data sets' own judged order

_KEPT = (b"subject", b"from", b"content-type")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")


@dataclass(frozen=True)
class Message:
    """A mail or message of a stream.

    Parameters
    ----------
    data : bytes
        The mail, as every filter gets it.
    label : str
        Its true label, ``"spam"`` or ``"ham"``.
    kind : str
        The task that it is of.
    """

    data: bytes
    label: str
    kind: str = "mail"

    @cached_property
    def example(self) -> Example:
        """The mail as Chaffinch takes it."""
        return Example(Item(self.data, self.kind), self.label)

    @property
    def id(self) -> str:
        """The id of the mail in scores files."""
        return self.example.item.id


@dataclass(frozen=True)
class Stream:
    """Mails or messages in judged order.

    Parameters
    ----------
    name : str
        What to call it in the names of files: its data, and what is unusual about it.
    task : Task
        What they are of.
    messages : tuple of Message
        The mails.
    """

    name: str
    task: Task
    messages: tuple[Message, ...]

    @property
    def about(self) -> dict[str, object]:
        """What a results file says of the stream."""
        counts = Counter(message.label for message in self.messages)
        return {"name": self.name, **counts, "hash": digest(self.messages)}


def digest(judged: Sequence[Message]) -> str:
    """Return the digest that an evaluation's report calls ``data_hash``."""
    whole = hashlib.sha256()
    for message in judged:
        whole.update(f"{message.id} {message.label}\n".encode())
    return whole.hexdigest()


def as_is(data: bytes) -> bytes:
    """Return a mail as it is."""
    return data


def headers_cut(data: bytes) -> bytes:
    r"""Return a mail with its Subject, From and Content-Type only, and its body as it is.

    Examples
    --------
    >>> headers_cut(b"From: a\nX-Mailer: b\nsubject: c\n d\n\ne\n")
    b'From: a\nsubject: c\n d\n\ne\n'
    """
    kept: list[bytes] = []
    keep, at = False, 0
    for line in _LINE.finditer(data):
        text, at = line[0], line.end()
        if not text.strip(b"\r\n"):
            return b"".join(kept) + text + data[at:]
        if not text.startswith((b" ", b"\t")):
            keep = text.partition(b":")[0].strip().lower() in _KEPT
        if keep:
            kept.append(text)
    return b"".join(kept)


def visible_only(data: bytes) -> bytes:
    r"""Return a mail of a subject and of the text that a person sees, as Chaffinch reads both.

    Examples
    --------
    >>> visible_only(b"From: a\nSubject: b\nContent-Type: text/html\n\n<p>c<b>d</b>\n")
    b'Subject: b\n\ncd\n'
    """
    content = get_task("mail").reader(data)
    subject = " ".join(content.header("subject").split())
    return f"Subject: {subject}\n\n{content.visible.rstrip()}\n".encode("utf-8", "replace")


CUTS: dict[str, Callable[[bytes], bytes]] = {
    "none": as_is,
    "headers": headers_cut,
    "visible": visible_only,
}
ORDERS = ("shuffled", "date")


def make_stream(
    data: str,
    *,
    order: str = "shuffled",
    seed: int = SEED,
    cut: str = "none",
    limit: int | None = None,
) -> Stream:
    """Return a stream.

    Parameters
    ----------
    data : str
        A name of the catalogue, or a path.
    order : {"shuffled", "date"}
        Shuffled; or by the time at which each mail itself says that it arrived, where one that
        does not say follows the one before it by id. Spammers' clocks are often wrong.
    seed : int
        Of the shuffle, which starts from the order of ids where the data have ids, else from the
        order of the source. With the default a data set of the catalogue is left in the judged
        order that it comes in.
    cut : {"none", "headers", "visible"}
        What is left of each mail: see `CUTS`.
    limit : int, optional
        How many mails to keep, from the first.
    """
    known = CATALOGUE.get(data)
    task = get_task("mail" if known is None else known.task)
    as_it_comes = known is not None and order == "shuffled" and seed == SEED
    path = Path(data).expanduser() if known is None else get(data)
    found = _load(task, path, by_id=not as_it_comes)
    name = path.name.partition(".")[0] if known is None else data
    if order == "date":
        found = _by_date(task, found)
        name += "_date"
    elif not as_it_comes:
        random.Random(seed).shuffle(found)
        name += "" if seed == SEED else f"_seed{seed}"
    name += "" if cut == "none" else f"_{cut}"
    name += "" if limit is None else f"_first{limit}"
    cutting = CUTS[cut]
    return Stream(name, task, tuple(replace(one, data=cutting(one.data)) for one in found[:limit]))


def _load(task: Task, path: Path, *, by_id: bool) -> list[Message]:
    """Read mails in the order of their source, or of their ids where they have ids."""
    if open_source(path).format != "jsonl":
        examples = gather(task, [open_source(path)], skipped=print)
        return [Message(example.item.data, example.label, task.name) for example in examples]
    read = messages.read(path)
    if by_id and all("id" in fields for fields in read):
        read.sort(key=lambda fields: fields["id"])
    return [Message(task.clean(_bytes(fields)), fields["label"], task.name) for fields in read]


def _bytes(fields: messages.Message) -> bytes:
    return fields["raw"].encode("latin-1") if "raw" in fields else fields["text"].encode()


def _by_date(task: Task, found: list[Message]) -> list[Message]:
    timed, latest = [], 0.0
    for message in found:
        received = task.received(task.reader(message.data))
        latest = latest if received is None else received
        timed.append((latest, message))
    timed.sort(key=lambda pair: pair[0])
    return [message for _, message in timed]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that choose a stream."""
    add = parser.add_argument
    add("--data", default="spamassassin", help="a data set of the catalogue, or a path")
    add("--order", choices=ORDERS, default="shuffled")
    add("--seed", type=int, default=SEED, help="of the shuffle (default: %(default)s)")
    add("--cut", choices=tuple(CUTS), default="none", help="what is left of each mail")
    add("--limit", type=int, help="take the first so many mails only, for a trial")


def from_options(options: argparse.Namespace) -> Stream:
    """Return the stream that the options choose."""
    return make_stream(
        options.data,
        order=options.order,
        seed=options.seed,
        cut=options.cut,
        limit=options.limit,
    )
