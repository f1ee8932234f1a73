"""Settings are data: name, default and help stand here, and nowhere else.

Docs, environment variables and the settings file are all read off `SETTINGS`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaffinch.errors import UsageError, did_you_mean


def _user_folder(variable: str, fallback: str) -> Path:
    # XDG Base Directory Specification: an empty or relative value counts as unset.
    value = os.environ.get(variable, "")
    base = Path(value) if value.startswith("/") else Path.home() / fallback
    return base / "chaffinch"


def _boolean(value: str) -> bool:
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    return words[value.lower()]


class _OutOfRangeError(ValueError):
    """A value that was read, and is too small or too large."""


def _percent(value: str) -> float:
    percent = float(value)
    if not 0.01 <= percent <= 50.0:
        raise _OutOfRangeError("from 0.01 to 50")
    return percent / 100.0


def _count(value: str, *, least: int = 0) -> int:
    count = int(value)
    if not least <= count <= 10**12:
        raise _OutOfRangeError(f"from {least} to {10**12:,}")
    return count


def _positive(value: str) -> int:
    return _count(value, least=1)


def _one_of(*words: str) -> Callable[[str], str]:
    return lambda value: {word: word for word in words}[value]


def _names(value: str) -> list[str]:
    return [name.lower() for name in value.split()]


def _mode(value: str) -> int:
    mode = int(value, 8)
    if not 0o600 <= mode <= 0o777:
        raise _OutOfRangeError("from 600 to 777")
    return mode


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Parameters
    ----------
    name : str
        Its name in the settings file; in the environment it is ``CHAFFINCH_`` and the name in
        capitals.
    default : str
        Its default as a person would write it.
    help : str
        What it does.
    parse : callable
        Turns what a person wrote into the value; ValueError or KeyError if it cannot.
    """

    name: str
    default: str
    help: str
    parse: Callable[[str], Any]

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"CHAFFINCH_{self.name.upper()}"


SETTINGS = (
    Setting(
        "home",
        "$XDG_DATA_HOME/chaffinch, or ~/.local/share/chaffinch",
        "The folder that holds experience, models and settings.toml. Set in the environment only.",
        Path,
    ),
    Setting(
        "data",
        "",
        "A folder with local copies of the public data sets, looked into before any network.",
        Path,
    ),
    Setting(
        "remember",
        "true",
        "Whether items that are judged are kept in the experience with their verdicts, so that "
        "they can be flagged by id. What is flagged is always kept.",
        _boolean,
    ),
    Setting(
        "ham_loss",
        "0.1",
        "Percent of ham, the negative label, that may be lost to junk: from where on an item is "
        "junk is chosen so that no more are, with 95% confidence. Of tasks of more labels, such as "
        "digits: percent of accepted labels that may be wrong, 0.5 by default. From 0.01 to 50.",
        _percent,
    ),
    Setting(
        "log_only",
        "false",
        "Whether everything is delivered whatever the verdict, which is only written down: to see "
        "what would be done before it is.",
        _boolean,
    ),
    Setting(
        "adapt_days",
        "7",
        "After how many days `adapt` tries new experience in any case; 0 is never.",
        _count,
    ),
    Setting(
        "checkpoint",
        "50",
        "How many flags may follow the stored model before `flag` stores a new one; 1 or more.",
        _positive,
    ),
    Setting(
        "keep_flagged",
        "100000",
        "How many flagged items `forget` keeps of each task: those whose flags are the newest. 0 "
        "or more, as all counts.",
        _count,
    ),
    Setting(
        "keep_reservoir",
        "10000",
        "How many of the flagged items before those it keeps as a sample, half of it for each "
        "label.",
        _count,
    ),
    Setting(
        "keep_unflagged",
        "10000",
        "How many items without a flag it keeps: those judged last.",
        _count,
    ),
    Setting(
        "keep_days",
        "0",
        "It keeps nothing that was flagged, or judged where nobody flagged it, longer ago than so "
        "many days; 0 for no such bound.",
        _count,
    ),
    Setting(
        "self_label",
        "false",
        "Whether models label what nobody flagged, where two of different kinds agree and are sure "
        "of it, before a new model is stored: see Self-labelling in docs/concepts.md.",
        _boolean,
    ),
    Setting(
        "spamd",
        "",
        "Where `serve` speaks the protocol of SpamAssassin's spamd, for spamc and its kin: "
        "addresses with spaces between, as in `unix:/run/chaffinch/spamd.sock 127.0.0.1:783`.",
        str.split,
    ),
    Setting(
        "allow",
        "",
        "Networks from which clients may come in over TCP, as in `192.0.2.0/24 2001:db8::/32`; "
        "those of this machine always may. Without it `serve` listens on this machine alone.",
        str.split,
    ),
    Setting(
        "socket_mode",
        "600",
        "The mode of UNIX sockets: whoever may write to them may come in.",
        _mode,
    ),
    Setting(
        "users",
        "one",
        "Whose mail `serve` judges. `one`: all of it is one person's, whatever user a client "
        "names; root and the user that Chaffinch runs as teach, at UNIX sockets. `checked`: each "
        "user is an owner with a taste, and at UNIX sockets each speaks for themselves, root and "
        "the user that Chaffinch runs as for anybody; over TCP nobody is known, and nobody "
        "teaches. `believed`: whoever comes in speaks for any user.",
        _one_of("one", "checked", "believed"),
    ),
    Setting(
        "workers",
        "1",
        "How many processes judge mail; as many as there are cores, where there is much of it.",
        _positive,
    ),
    Setting(
        "largest_mail",
        "32",
        "MiB of the largest mail that doors take; a larger one goes on unjudged.",
        _positive,
    ),
    Setting(
        "authserv_id",
        "",
        "The names under which your mail servers write what SPF, DKIM and DMARC said of a sender, "
        "with spaces between: the first word of their Authentication-Results headers. Set, these "
        "results count as evidence; unset, they are headers as any other.",
        _names,
    ),
    Setting(
        "verify_dkim",
        "",
        "A name such as `chaffinch.example.org`, for doors and `filter` to verify DKIM signatures "
        "themselves, with up to 5 seconds for the DNS, and write under it what they found, on top "
        "of the mail. It counts as evidence; what comes in under this name is taken out.",
        _names,
    ),
    Setting(
        "monitor",
        "",
        "Where `serve` tells how it is, over HTTP, as in `127.0.0.1:9783`: `/metrics` for "
        "Prometheus, `/health`, `/ready`. On this machine alone.",
        str.split,
    ),
)


def read_settings(home: Path | None = None) -> dict[str, Any]:
    """Return the settings in force: the environment's, else the file's; unset ones are missing.

    Parameters
    ----------
    home : Path, optional
        The home folder; by default as the environment says.

    Raises
    ------
    UsageError
        If a value cannot be read or a name is unknown; the message says where it stands.
    """
    where = home or home_folder()
    path = where / "settings.toml"
    values: dict[str, Any] = {}
    try:
        written: Mapping[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        written = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"settings file {path} cannot be read: {error}") from error
    known = {setting.name: setting for setting in SETTINGS if setting.name != "home"}
    for name in written:
        if name not in known:
            close = did_you_mean(name, list(known))
            raise UsageError(f"settings file {path}: no setting '{name}'{close}")
    for name, setting in known.items():
        if os.environ.get(setting.variable):
            value, source = os.environ[setting.variable], f"environment variable {setting.variable}"
        elif name in written:
            value, source = str(written[name]), f"settings file {path}, {name}"
        else:
            continue
        try:
            values[name] = setting.parse(value)
        except _OutOfRangeError as error:
            raise UsageError(
                f"{source}: {value!r} is out of range, {error}: write it like {setting.default!r}"
            ) from error
        except (ValueError, KeyError) as error:
            raise UsageError(
                f"{source}: {value!r} cannot be read: write it like {setting.default!r}"
            ) from error
    return values


def home_folder() -> Path:
    """Return the folder that holds experience, models and settings."""
    value = os.environ.get("CHAFFINCH_HOME")
    return Path(value) if value else _user_folder("XDG_DATA_HOME", ".local/share")


def cache_folder() -> Path:
    """Return the folder for what can be fetched again."""
    return _user_folder("XDG_CACHE_HOME", ".cache")
