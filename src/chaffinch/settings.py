"""Settings are data: name, default and help stand here, and nowhere else.

Docs, environment variables and the settings file are all read off `SETTINGS`.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chaffinch.errors import UsageError, did_you_mean

_PREFIX = "CHAFFINCH_"


def _user_folder(variable: str, fallback: str) -> Path:
    # XDG Base Directory Specification: an empty or relative value counts as unset.
    value = os.environ.get(variable, "")
    base = Path(value) if value.startswith("/") else Path.home() / fallback
    return base / "chaffinch"


def boolean(value: str) -> bool:
    """Return what yes or no was written; KeyError where neither was."""
    words = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
    return words[value.lower()]


class _OutOfRangeError(ValueError):
    """A value that was read, and is too small or too large."""


class _NoneOfError(ValueError):
    """A word that is none of those that may be written."""


def _percent(value: str) -> float:
    percent = float(value)
    if not 0.01 <= percent <= 50.0:
        raise _OutOfRangeError("from 0.01 to 50")
    return percent / 100.0


def count_of(value: str, *, least: int = 0, most: int = 10**12) -> int:
    """Return the number that was written; ValueError where it is none, or out of range."""
    count = int(value)
    if not least <= count <= most:
        raise _OutOfRangeError(f"from {least} to {most:,}")
    return count


def _positive(value: str) -> int:
    return count_of(value, least=1)


def _workers(value: str) -> int:
    return count_of(value, least=1, most=256)


def one_of(*words: str) -> Callable[[str], str]:
    """Return what takes one of these words; ValueError where it is another."""

    def parse(value: str) -> str:
        if value not in words:
            raise _NoneOfError(f"write one of {', '.join(map(repr, words))}")
        return value

    return parse


def _names(value: str) -> list[str]:
    return [name.lower() for name in value.split()]


def _mode(value: str) -> int:
    with suppress(ValueError):
        if 0o600 <= int(value, 8) <= 0o777:
            return int(value, 8)
    # No mode that is taken is also one of these when it is written in tens, as TOML tells it.
    meant = f" (0o{number:o} is {number})" if 0o600 <= (number := int(value)) <= 0o777 else ""
    raise _OutOfRangeError(f"from 600 to 777, in quotes and without 0o{meant}")


#: Doors of any name that listen there.
OVER_TCP, AT_UNIX = "any over TCP", "any at a UNIX socket"


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
    told : bool
        Whether an error may repeat what was written: not where it may be a password.
    read_by : tuple of str
        Which doors of `serve` read it, where not all do: their names, or `OVER_TCP` or `AT_UNIX`.
    """

    name: str
    default: str
    help: str
    parse: Callable[[str], Any]
    told: bool = True
    read_by: tuple[str, ...] = ()

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return f"{_PREFIX}{self.name.upper()}"


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
        boolean,
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
        boolean,
    ),
    Setting(
        "adapt_days",
        "7",
        "After how many days `adapt` tries new experience in any case; 0 is never.",
        count_of,
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
        count_of,
    ),
    Setting(
        "keep_reservoir",
        "10000",
        "How many of the flagged items before those it keeps as a sample, half of it for each "
        "label.",
        count_of,
    ),
    Setting(
        "keep_unflagged",
        "10000",
        "How many items without a flag it keeps: those judged last.",
        count_of,
    ),
    Setting(
        "keep_days",
        "0",
        "It keeps nothing that was flagged, or judged where nobody flagged it, longer ago than so "
        "many days; 0 for no such bound.",
        count_of,
    ),
    Setting(
        "self_label",
        "false",
        "Whether models label what nobody flagged, where two of different kinds agree and are sure "
        "of it, before a new model is stored: see Self-labelling in docs/concepts.md.",
        boolean,
    ),
    Setting(
        "spamd",
        "",
        "Where `serve` speaks the protocol of SpamAssassin's spamd, for spamc and its kin: "
        "addresses with spaces between, as in `unix:/run/chaffinch/spamd.sock 127.0.0.1:783`.",
        str.split,
    ),
    Setting(
        "milter",
        "",
        "Where `serve` speaks Sendmail's milter protocol, for Postfix and Sendmail: addresses with "
        "spaces between, as in `127.0.0.1:8891`.",
        str.split,
    ),
    Setting(
        "junk",
        "tag",
        "What `serve` does with junk where mail passes through it. `tag`: tell it in headers, and "
        "deliver. `reject`: refuse it; its sender is told. `quarantine`: have the mail server set "
        "it aside, tagged, until somebody looks, as a milter can.",
        one_of("tag", "reject", "quarantine"),
        read_by=("milter", "smtp", "lmtp"),
    ),
    Setting(
        "unjudged",
        "pass",
        "What `serve` does, where mail passes through it, with mail that cannot be judged now. "
        "`pass`: it goes on untagged. `wait`: whoever sent it is told to try again later.",
        one_of("pass", "wait"),
        read_by=("milter", "smtp", "lmtp"),
    ),
    Setting(
        "reasons",
        "all",
        "Of which mail `serve` writes into a header why it was judged so. `all`: of all of it. "
        "`junk`: of what is junk or unsure. `none`: of none. To find the reasons takes about as "
        "long as all else that a mail costs; `chaffinch explain` tells them of any mail, later.",
        one_of("all", "junk", "none"),
    ),
    Setting(
        "smtp",
        "",
        "Where `serve` takes mail by SMTP on its way to `next_hop`, as a content filter of Postfix "
        "before its queue or behind it; addresses as those of `spamd`.",
        str.split,
    ),
    Setting(
        "lmtp",
        "",
        "Where `serve` takes mail by LMTP on its way to `next_hop`, as between a mail server and "
        "Dovecot; addresses as those of `spamd`.",
        str.split,
    ),
    Setting(
        "next_hop",
        "",
        "Who takes the mail of `smtp` and `lmtp`: `smtp:` or `lmtp:`, then a host and port or "
        "`unix:` and a path, as in `smtp:127.0.0.1:10026` or `lmtp:unix:/run/dovecot/lmtp`. "
        "`smtp` passes on to SMTP alone.",
        str,
        read_by=("smtp", "lmtp"),
    ),
    Setting(
        "allow",
        "",
        "Networks from which clients may come in over TCP, as in `192.0.2.0/24 2001:db8::/32`; "
        "those of this machine always may. Without it `serve` listens on this machine alone.",
        str.split,
        read_by=(OVER_TCP,),
    ),
    Setting(
        "socket_mode",
        "600",
        "The mode of UNIX sockets: whoever may write to them may come in.",
        _mode,
        read_by=(AT_UNIX,),
    ),
    Setting(
        "users",
        "one",
        "Whose mail `serve` judges. `one`: all of it is one person's, whatever user a client "
        "names; root and the user that Chaffinch runs as teach, at UNIX sockets. `checked`: each "
        "user is an owner with a taste, and at UNIX sockets each speaks for themselves, root and "
        "the user that Chaffinch runs as for anybody; over TCP nobody is known, and nobody "
        "teaches. `believed`: whoever comes in speaks for any user. To doors that mail passes "
        "through the user is the recipient, where a mail has one alone. Names are taken in lower "
        "case, and have to be the same everywhere: `ada` and `ada@example.org` are two owners.",
        one_of("one", "checked", "believed"),
    ),
    Setting(
        "workers",
        "1",
        "How many processes judge mail; as many as there are cores, where there is much of it.",
        _workers,
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


#: Names that hold tables in the settings file, whose settings stand where they are needed.
TABLES = ("imap",)


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
    path, written = _written(home)
    values: dict[str, Any] = {}
    known = {setting.name: setting for setting in SETTINGS if setting.name != "home"}
    for name in written:
        if isinstance(written[name], Mapping) and name not in TABLES:
            close = did_you_mean(name, list(TABLES))
            raise UsageError(
                f"settings file {path}: there is no table [{name}]{close}: write settings at the "
                'top of the file, without a table, as in spamd = "127.0.0.1:783"'
            )
    _refuse_unknown(f"settings file {path}", written, [*known, *TABLES])
    for name, setting in known.items():
        if os.environ.get(setting.variable):
            value, source = os.environ[setting.variable], f"environment variable {setting.variable}"
        elif name in written:
            value, source = written[name], f"settings file {path}, {name}"
        else:
            continue
        values[name] = _parsed(setting, value, source)
    return values


def read_tables(
    kind: str, settings: Sequence[Setting], home: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Return the tables of a kind in the settings file, as in ``[imap.NAME]``.

    Parameters
    ----------
    kind : str
        One of `TABLES`.
    settings : sequence of Setting
        What such a table may hold.
    home : Path, optional
        The home folder; by default as the environment says.

    Returns
    -------
    dict of str to dict
        By name, the values of those settings that are set.

    Raises
    ------
    UsageError
        If a value cannot be read or a name is unknown; the message says where it stands.
    """
    path, written = _written(home)
    tables = written.get(kind, {})
    where = f"settings file {path}"
    if not isinstance(tables, Mapping) or not all(
        isinstance(table, Mapping) for table in tables.values()
    ):
        raise UsageError(f"{where}: {kind} holds tables of its own: write [{kind}.NAME]")
    known = {setting.name: setting for setting in settings}
    found: dict[str, dict[str, Any]] = {}
    for name, table in tables.items():
        _refuse_unknown(f"{where}, [{kind}.{name}]", table, list(known))
        found[name] = {
            key: _parsed(known[key], value, f"{where}, [{kind}.{name}], {key}")
            for key, value in table.items()
        }
    return found


def _written(home: Path | None) -> tuple[Path, Mapping[str, Any]]:
    path = (home or home_folder()) / "settings.toml"
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return path, {}
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"settings file {path} cannot be read: {error}: put in quotes whatever is neither a "
            'number nor true or false, as in spamd = "127.0.0.1:783"'
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"settings file {path} cannot be read: {error}") from error


def _refuse_unknown(where: str, written: Mapping[str, Any], known: list[str]) -> None:
    for name in written:
        if name not in known:
            raise UsageError(f"{where}: no setting '{name}'{did_you_mean(name, known)}")


def _parsed(setting: Setting, value: Any, source: str) -> Any:
    # A list of names, which may hold spaces, is one a line.
    text = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    said = repr(text) if setting.told else "what stands there"
    try:
        return setting.parse(text)
    except _OutOfRangeError as error:
        raise UsageError(
            f"{source}: {said} is out of range, {error}: write it like {setting.default!r}"
        ) from error
    except _NoneOfError as error:
        raise UsageError(f"{source}: {said} cannot be read: {error}") from error
    except (ValueError, KeyError) as error:
        raise UsageError(
            f"{source}: {said} cannot be read: write it like {setting.default!r}"
        ) from error


def misspelt_variables() -> list[str]:
    """Return what is wrong with each environment variable that is nearly one of a setting.

    Others that begin with ``CHAFFINCH_`` may be of whoever runs this in a container.
    """
    known = [*(setting.variable for setting in SETTINGS), "CHAFFINCH_PURE"]
    names = [one.removeprefix(_PREFIX) for one in known]
    told = []
    for variable in sorted(os.environ):
        if variable.startswith(_PREFIX) and variable not in known:
            close = did_you_mean(variable.removeprefix(_PREFIX), names)
            if close:
                close = close.replace("'", f"'{_PREFIX}", 1)
                told.append(f"environment variable {variable} is no setting{close}")
    return told


def home_folder() -> Path:
    """Return the folder that holds experience, models and settings."""
    value = os.environ.get("CHAFFINCH_HOME")
    return Path(value) if value else _user_folder("XDG_DATA_HOME", ".local/share")


def cache_folder() -> Path:
    """Return the folder for what can be fetched again."""
    return _user_folder("XDG_CACHE_HOME", ".cache")
