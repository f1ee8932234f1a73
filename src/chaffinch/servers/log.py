"""The log of the doors: a line of JSON for each thing that happened, and nothing of any mail."""

from __future__ import annotations

import json
import sys
import time
import traceback
from contextlib import suppress
from pathlib import Path

from chaffinch.errors import ChaffinchError


def say(event: str, *, level: str = "info", **told: object) -> None:
    """Write a line of the log, on stderr.

    Parameters
    ----------
    event : str
        What happened, always in the same word.
    level : {"info", "warning", "error"}
        Whether somebody has to look.
    told : object
        What else is to be known: ids, counts, places; never text of a mail.
    """
    now = time.time()
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03}Z"
    line = {"time": when, "level": level, "event": event, **told}
    # A disk that is full, or a reader that is gone, must keep no mail from passing.
    with suppress(OSError):
        # One write, so that lines of several processes do not mix.
        sys.stderr.write(json.dumps(line, default=str) + "\n")
        sys.stderr.flush()


def told_of(error: BaseException) -> str:
    """Return what may be logged of an error.

    What is raised for people to read says what is wrong. What nobody foresaw may quote a mail, so
    only its type and its place are told.

    Examples
    --------
    >>> told_of(ChaffinchError("no model"))
    'no model'
    >>> try:
    ...     "Dear Ada".index("x")
    ... except ValueError as error:
    ...     told_of(error).startswith("ValueError at ")
    True
    """
    if isinstance(error, ChaffinchError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
