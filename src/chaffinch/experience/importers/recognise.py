"""Which format a path holds: told by structure and content; a name decides only between equals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chaffinch.errors import InputError
from chaffinch.experience.importers import (
    idx,
    jsonl,
    maildir,
    mbox,
    npz,
    recordings,
    table,
    trec,
)
from chaffinch.experience.importers.fields import PAYLOADS
from chaffinch.experience.importers.files import (
    GZIP_MAGIC,
    lines,
    listed,
    open_regular,
    opened,
    shown,
)
from chaffinch.experience.importers.records import Record

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = 2**16  # bytes
_FOLDERS = ("maildir", "folder", "labels", "trec", "mnist", "takes")
_HEADER_FIELD = re.compile(rb"[!-9;-~]{1,76}[ \t]{0,8}:")  # RFC 5322, 2.2
_ZIP_MAGIC = b"PK\x03\x04"
_HOW = (
    "give --format maildir, mbox, eml, folder, labels, trec, jsonl, csv, mnist, idx, npz, image, "
    "takes, archive or recording"
)


def recognise(path: Path, given: str | None = None) -> str:
    """Return the format that a path holds.

    Parameters
    ----------
    path : Path
        A file or a folder.
    given : str, optional
        The format that a person gave: taken, if the path is a file or a folder as it needs.

    Returns
    -------
    str
        A format's name.

    Raises
    ------
    InputError
        If the path is missing, empty, neither file nor folder, or holds no known format.
    """
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
        missing = not is_folder and not is_file and not path.exists()
    except (OSError, ValueError) as error:
        raise InputError(f"{shown(path)} cannot be read: {error}") from error
    if missing:
        raise InputError(f"{shown(path)} does not exist: name a file or folder of items")
    if not is_folder and not is_file:
        raise InputError(f"{shown(path)} is neither a file nor a folder: name one")
    if given is None:
        return _folder(path) if is_folder else _file(path)
    if is_folder and given not in _FOLDERS:
        raise InputError(f"{shown(path)} is a folder, and {given} is a file: name the file")
    if is_file and given in _FOLDERS and given != "trec":
        raise InputError(f"{shown(path)} is a file, and {given} is a folder: name the folder")
    if given == "maildir" and not maildir.is_maildir(path):
        raise InputError(f"{shown(path)} is no Maildir: it holds no folders named cur and new")
    if given == "trec" and trec.index_of(path) is None:
        raise InputError(f"{shown(path)} holds no TREC index: looked for {', '.join(trec.INDEXES)}")
    if given == "mnist" and not idx.parts(path):
        raise InputError(f"{shown(path)} holds no file named as in train-images-idx3-ubyte.gz")
    return given


def _folder(path: Path) -> str:
    inside = listed(path)
    if not inside:
        raise InputError(f"{shown(path)} is an empty folder: name one that holds items")
    if maildir.is_maildir(path):
        return "maildir"
    if idx.parts(path):
        return "mnist"
    index = trec.index_of(path)
    if index is not None and trec.is_index(index):
        return "trec"
    folders = sum(entry.is_dir() for entry in inside)
    if not folders:
        return "takes" if recordings.is_takes(path) else "folder"
    if folders == len(inside):
        return "labels"
    raise InputError(
        f"{shown(path)} holds both files and folders: give --format folder to read the files, "
        "or --format labels to read each folder as a label"
    )


def _file(path: Path) -> str:
    with opened(path) as file:
        head = file.read(_HEAD)
    if not head.strip():
        raise InputError(f"{shown(path)} is empty: name a file that holds items")
    other = _image(path, head) or _sound(path, head)
    if other is not None:
        return other
    first = head.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0] + b"\n"
    if mbox.is_separator(head.split(b"\n", 1)[0]):
        return "mbox"
    names = {suffix.lower() for suffix in path.suffixes[-2:]}
    if names & {".jsonl", ".ndjson"} or (first.startswith(b"{") and _is_json(path)):
        return "jsonl"
    columns = table.header(first.decode("utf-8", "replace"))
    if ".csv" in names or (len(columns) > 1 and set(PAYLOADS) & set(columns)):
        return "csv"
    if not _is_gzip(path):
        if trec.is_index(path):
            return "trec"
        if _HEADER_FIELD.match(first) or names & {".eml", ".msg", ".txt"}:
            return "eml"
    looked = "mbox, mail, TREC index, JSON lines, CSV, images, IDX, npz and recordings"
    raise InputError(f"{shown(path)} is of no known format (looked for {looked}): {_HOW}")


def _image(path: Path, head: bytes) -> str | None:
    """Return which format of images a file is of, by how it begins; None if of none."""
    from chaffinch.readers.image import image_format

    if head.startswith(idx.IMAGES):
        return "idx"
    if head.startswith(idx.LABELS):
        raise InputError(f"{shown(path)} holds labels alone: name the IDX file of their images")
    if head.startswith(_ZIP_MAGIC):
        return "npz" if npz.is_npz(path) else None
    return "image" if image_format(head) is not None and not _is_gzip(path) else None


def _sound(path: Path, head: bytes) -> str | None:
    """Return which format of recordings a file is of, by how it begins; None if of none."""
    if recordings.is_recording(head) and not _is_gzip(path):
        return "recording"
    return "archive" if recordings.is_archive(path) else None


def _is_json(path: Path) -> bool:
    for number, line in lines(path):
        return isinstance(jsonl.parse(line, f"{shown(path)}:{number}"), Record)
    return False


def _is_gzip(path: Path) -> bool:
    with open_regular(path) as file:
        return file.read(2) == GZIP_MAGIC
