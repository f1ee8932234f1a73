"""A source: a path, its format, and the records in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from chaffinch.errors import InputError, UsageError, did_you_mean
from chaffinch.experience.importers import (
    folders,
    idx,
    jsonl,
    maildir,
    mbox,
    npz,
    recordings,
    table,
    trec,
)
from chaffinch.experience.importers.files import count_lines, mebibytes, shown
from chaffinch.experience.importers.recognise import recognise
from chaffinch.experience.importers.records import MAX_RECORD, Entries, Part, Record, Skipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Format:
    """How one format is read.

    Parameters
    ----------
    about : str
        What it is, in a few words, for help texts.
    read : callable
        Path to entries.
    count : callable or None
        Path to the number of entries, where counting them is cheap.
    arrival_order : bool
        Whether the order of the source is the order of arrival.
    medium : str
        What it holds, where it holds nothing else: ``"image"`` or ``"recording"``.
    parts : callable or None
        Path to its parts, where the format tells some apart.
    """

    about: str
    read: Callable[[Path], Entries]
    count: Callable[[Path], int | None] | None = None
    arrival_order: bool = False
    medium: str = ""
    parts: Callable[[Path], Mapping[str, Part]] | None = None


#: The parts that a source may have: what is to be learned from, and what is to be judged.
PARTS = ("train", "test")

FORMATS = MappingProxyType(
    {
        "maildir": Format("a Maildir (cur, new)", maildir.read, maildir.count),
        "mbox": Format("an mbox file, plain or .gz", mbox.read),
        "eml": Format("any one file as one item", folders.read_file),
        "folder": Format("a folder, each file one item", folders.read_folder, folders.count_folder),
        "labels": Format(
            "a folder per label (spam/, ham/)", folders.read_labels, folders.count_labels
        ),
        "trec": Format("a TREC index of 'label path' lines", trec.read, trec.count, True),
        "jsonl": Format(
            "JSON lines with label and raw or text, plain or .gz", jsonl.read, count_lines, True
        ),
        "csv": Format(
            "CSV with label and raw or text columns, plain or .gz", table.read, arrival_order=True
        ),
        "mnist": Format(
            "a folder of MNIST's files or such, plain or .gz",
            idx.read_folder,
            idx.count_folder,
            arrival_order=True,
            medium="image",
            parts=idx.parts,
        ),
        "idx": Format(
            "an IDX file of images, its labels beside it, plain or .gz",
            idx.read,
            idx.count,
            arrival_order=True,
            medium="image",
        ),
        "npz": Format(
            "an npz file with images and labels",
            npz.read,
            npz.count,
            arrival_order=True,
            medium="image",
            parts=npz.parts,
        ),
        "image": Format("one image file", folders.read_file, medium="image"),
        "takes": Format(
            "a folder of recordings named label_speaker_number",
            recordings.read_takes,
            recordings.count_takes,
            medium="recording",
        ),
        "archive": Format(
            "a zip or tar of recordings, in folders by label or so named",
            recordings.read_archive,
            medium="recording",
        ),
        "recording": Format("one file of sound", folders.read_file, medium="recording"),
    }
)


@dataclass(frozen=True, slots=True)
class Source:
    """A path, its format, and the records in it. Iterate as often as you like; nothing is held.

    Parameters
    ----------
    path : Path
        What the person named.
    format : str
        A key of `FORMATS`.
    label : str or None
        Given to every record, whatever the source says.
    part : str
        The part that is read: one of `PARTS`, where the source has it; empty for the whole.

    Raises
    ------
    InputError
        While iterating: if the source turns out to be unreadable, or to hold no record.
    """

    path: Path
    format: str
    label: str | None = None
    part: str = ""

    @property
    def parts(self) -> Mapping[str, Part]:
        """The parts that the source tells apart; empty where it is one whole."""
        parts = FORMATS[self.format].parts
        return {} if parts is None else parts(self.path)

    def preferring(self, part: str) -> Source:
        """Return this part of the source, unless a part was named or it has none of that name."""
        return self if self.part or part not in self.parts else replace(self, part=part)

    @property
    def medium(self) -> str:
        """What it holds, where it holds nothing else: ``"image"`` or ``"recording"``."""
        return FORMATS[self.format].medium

    @property
    def arrival_order(self) -> bool:
        """Whether the order of the source is the order in which its items arrived."""
        return FORMATS[self.format].arrival_order

    @property
    def labelled(self) -> bool:
        """Whether any of its records has a label; where none has, all are read to know."""
        return any(entry.label is not None for entry in self if isinstance(entry, Record))

    def count(self) -> int | None:
        """Return about how many entries there are, or None where counting is not cheap."""
        if self.part:
            return self.parts[self.part].count()
        count = FORMATS[self.format].count
        return None if count is None else count(self.path)

    def __iter__(self) -> Entries:
        first: Skipped | None = None
        skipped = read = 0
        whole = FORMATS[self.format].read
        read_all = self.parts[self.part].read() if self.part else whole(self.path)
        for entry in map(_checked, read_all):
            if isinstance(entry, Skipped):
                skipped += 1
                first = first or entry
                yield entry
            else:
                read += 1
                yield entry if self.label is None else replace(entry, label=self.label)
        if not read:
            why = f"{skipped} skipped, the first {first.name}: {first.reason}" if first else "empty"
            raise InputError(
                f"{shown(self.path)}: no item could be read as {self.format} ({why}): "
                "name another path, or another format with --format"
            )


def open_source(path: Path, *, format: str | None = None, label: str | None = None) -> Source:  # noqa: A002 - the word of --format
    """Open what a path names.

    Parameters
    ----------
    path : Path
        A file or a folder; ``PATH:train`` or ``PATH:test`` for that part of it alone.
    format : str, optional
        A key of `FORMATS`; recognised from what the path holds if not given.
    label : str, optional
        A label to give to every record.

    Returns
    -------
    Source

    Raises
    ------
    InputError
        If the path is missing or empty, its format is not recognised, or it has no such part.
    UsageError
        If there is no such format.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "sms.jsonl"
    ...     _ = path.write_text('{"label": "ham", "text": "Tea?"}')
    ...     source = open_source(path)
    ...     source.format, source.count(), [record.data for record in source]
    ('jsonl', 1, [b'Tea?'])
    """
    if format is not None and format not in FORMATS:
        known = list(FORMATS)
        hint = did_you_mean(format, known)
        raise UsageError(f"unknown format {format!r}{hint}: one of {', '.join(known)}")
    path, part = _parted(path)
    source = Source(path, recognise(path, format), label, part)
    if part and part not in source.parts:
        has = " and ".join(source.parts) or "no parts"
        raise InputError(f"{shown(path)} has no part '{part}', but {has}: name it without :{part}")
    return source


def _parted(path: Path) -> tuple[Path, str]:
    whole, _, part = str(path).rpartition(":")
    try:
        named = bool(whole) and part in PARTS and not path.exists()
    except (OSError, ValueError):
        named = False
    return (Path(whole), part) if named else (path, "")


def _checked(entry: Record | Skipped) -> Record | Skipped:
    if isinstance(entry, Record):
        if not entry.data:
            return Skipped(entry.name, "is empty")
        if len(entry.data) > MAX_RECORD:
            return Skipped(entry.name, f"is larger than {mebibytes(MAX_RECORD)}")
    return entry
