"""Errors that a person can act on: each names the subject, the value and the remedy."""

from __future__ import annotations


class ChaffinchError(Exception):
    """The base of every error that Chaffinch raises for a user to read.

    The message is one line. ``exit_code`` is what the command line exits with; docs/cli.md is
    generated from these classes, so a code is written down in one place only.
    """

    exit_code = 1
    meaning = "something else went wrong"


class UsageError(ChaffinchError):
    """An unknown task, label or option value."""

    exit_code = 2
    meaning = "the command was not understood: an unknown task, label, option or value"


class InputError(ChaffinchError):
    """Input that is missing or cannot be read at all."""

    exit_code = 3
    meaning = "the input is missing, empty, or cannot be read at all"


class ExperienceError(ChaffinchError):
    """The experience database cannot be used."""

    exit_code = 4
    meaning = "the experience database cannot be used: damaged, locked, or of a newer version"


class ModelError(ChaffinchError):
    """A model file is missing, damaged, or does not fit the task."""

    exit_code = 5
    meaning = "there is no launched model, or its file is missing or damaged"


class SourceError(ChaffinchError):
    """A public data set could not be fetched or did not verify."""

    exit_code = 6
    meaning = "a public data set could not be fetched, or is not what it should be"


class StorageError(ChaffinchError):
    """Nothing more can be written: disk full, no permission."""

    exit_code = 7
    meaning = "nothing could be written: the disk is full, or permission is missing"


class MissingExtraError(ChaffinchError):
    """Something is asked for that needs an optional package."""

    exit_code = 8
    meaning = "an optional package is missing; the message says how to install it"


class ServerError(ChaffinchError):
    """A server could not be reached, refuses what is asked, or answers what makes no sense."""

    exit_code = 9
    meaning = "a server could not be reached, refused, or answered what makes no sense"


class UnavailableError(ChaffinchError):
    """An address cannot be listened at now, and may be later."""

    exit_code = 10
    meaning = "an address cannot be listened at now: it is in use, or not there yet"


def did_you_mean(value: str, known: list[str]) -> str:
    """Return `` (did you mean …?)`` for the closest known word, or an empty string.

    Examples
    --------
    >>> did_you_mean("spma", ["spam", "ham"])
    " (did you mean 'spam'?)"
    >>> did_you_mean("qqq", ["spam", "ham"])
    ''
    """
    from difflib import get_close_matches

    by_letters = {word.lower(): word for word in known}
    close = get_close_matches(value.lower(), by_letters, n=1)
    return f" (did you mean '{by_letters[close[0]]}'?)" if close else ""
