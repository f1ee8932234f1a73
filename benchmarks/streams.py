"""Streams of mails in judged order, cut or not, of which every filter gets exactly the same bytes.

A stream comes from a data set of the catalogue or from any path that can be learned from.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chaffinch.datasets import CATALOGUE, get, messages
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.task import get_task
from chaffinch.types import Item

SEED = 42  # that of the data sets' own judged order

_KEPT = (b"subject", b"from", b"content-type")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")


@dataclass(frozen=True)
class Message:
    """A mail of a stream.

    Parameters
    ----------
    data : bytes
        The mail, as every filter gets it.
    label : str
        Its true label, ``"spam"`` or ``"ham"``.
    """

    data: bytes
    label: str

    @cached_property
    def id(self) -> str:
        """The id of the mail in scores files."""
        return Item(self.data).id


@dataclass(frozen=True)
class Stream:
    """Mails in judged order.

    Parameters
    ----------
    name : str
        What to call it in the names of files: its data, and what is unusual about it.
    messages : tuple of Message
        The mails.
    """

    name: str
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
        order of the source. With the default a data set of the catalogue is in its judged order.
    cut : {"none", "headers", "visible"}
        What is left of each mail: see `CUTS`.
    limit : int, optional
        How many mails to keep, from the first.
    """
    name = data if data in CATALOGUE else Path(data).name.partition(".")[0]
    found = _load(get(data) if data in CATALOGUE else Path(data).expanduser())
    if order == "date":
        found = _by_date(found)
        name += "_date"
    else:
        random.Random(seed).shuffle(found)
        name += "" if seed == SEED else f"_seed{seed}"
    name += "" if cut == "none" else f"_{cut}"
    name += "" if limit is None else f"_first{limit}"
    return Stream(name, tuple(Message(CUTS[cut](one.data), one.label) for one in found[:limit]))


def _load(path: Path) -> list[Message]:
    """Read mails in the order of their ids, where they have ids, else in that of the source."""
    task = get_task("mail")
    if open_source(path).format != "jsonl":
        examples = gather(task, [open_source(path)], skipped=print)
        return [Message(example.item.data, example.label) for example in examples]
    read = messages.read(path)
    if all("id" in fields for fields in read):
        read.sort(key=lambda fields: fields["id"])
    return [Message(task.clean(_bytes(fields)), fields["label"]) for fields in read]


def _bytes(fields: messages.Message) -> bytes:
    return fields["raw"].encode("latin-1") if "raw" in fields else fields["text"].encode()


def _by_date(found: list[Message]) -> list[Message]:
    task = get_task("mail")
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
