"""The recipes of docs/recipes, run as they stand."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hosts.dovecot import Dovecot
from hosts.postfix import postfix
from markdown_pages import ROOT, blocks
from programs import needed
from samples import mail
from stage import play, put_programs

RECIPES = ROOT / "docs" / "recipes"
#: The programs that each takes, beside Chaffinch.
NEEDS = {
    "spamc": ("spamc", "curl"),
    "maildir": (),
    "procmail": ("procmail", "maildrop", "fdm"),
    "postfix-milter": ("postfix", "swaks", "curl"),
    "postfix-proxy": ("postfix", "swaks", "curl"),
    "dovecot-imapsieve": ("sievec", "spamc", "curl"),
    "imap": ("curl",),
}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose name leaves room for that of a socket."""
    with TemporaryDirectory(prefix="chf") as name:
        yield Path(name)


def steps(name: str) -> str:
    page = RECIPES / f"{name}.md"
    return "\n".join(one.text for one in blocks(page) if one.language == "sh" and one.runs)


@contextmanager
def surroundings(name: str, folder: Path) -> Iterator[dict[str, str]]:
    """Give the environment in which a recipe finds what stands on the reader's machine already."""
    if name.startswith("postfix-"):
        with postfix() as host:
            (folder / "Maildir").symlink_to(host.folder / "mail" / "ada")
            found = {"MAIL_CONFIG": str(host.folder / "conf"), "SWAKS_OPT_port": str(host.port)}
            yield found | {"HOME": str(folder)}
        return
    if name == "dovecot-imapsieve":
        with configured_dovecot(folder) as told:
            yield told
        return
    if name != "imap":
        yield {}
        return
    with TemporaryDirectory(prefix="chf") as there, Dovecot(Path(there)) as dovecot:
        for number, label in enumerate(("spam", "ham", "spam")):
            dovecot.deliver("ada", mail(label, number))
        yield {
            "IMAP_HOST": "localhost",
            "IMAP_PORT": str(dovecot.tls_port),
            "IMAP_USER": "ada",
            "IMAP_PASSWORD": dovecot.users["ada"],
            "SSL_CERT_FILE": str(dovecot.certificate),
            "CURL_CA_BUNDLE": str(dovecot.certificate),
        }


@contextmanager
def configured_dovecot(folder: Path) -> Iterator[dict[str, str]]:
    """Run the mail server that a recipe configures; give what tells the recipe where."""
    # Its processes come into it.
    folder.chmod(0o755)
    there = folder / "dovecot"
    there.mkdir()
    with Dovecot(there, extra=f"!include_try {there}/conf.d/*.conf") as dovecot:
        yield {
            "DOVECOT": str(there),
            "EXAMPLES": str(ROOT / "examples"),
            "VMAIL": dovecot.group,
            "IMAP": f"imap://{dovecot.host}:{dovecot.port}",
        }


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_a_recipe_works_as_it_stands(name: str, folder: Path) -> None:
    with surroundings(name, folder) as environment:
        run(name, folder, environment)


def run(name: str, folder: Path, environment: dict[str, str]) -> None:
    for program in NEEDS[name]:
        needed(program)
    put_programs(folder)
    code, said = play(steps(name), folder, environment)
    assert code == 0, said


def test_every_recipe_is_run() -> None:
    assert {path.stem for path in RECIPES.glob("*.md")} == set(NEEDS)
    assert all(steps(name).count("\n") > 10 for name in NEEDS)


def test_the_unit_starts_a_verb_that_there_is_and_stops_in_time() -> None:
    from chaffinch.servers import serve

    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(ROOT / "examples" / "chaffinch.service", encoding="utf-8")
    service = unit["Service"]
    assert service["ExecStart"].endswith("/chaffinch serve")
    assert float(service["TimeoutStopSec"]) > serve._FAREWELL
    assert service["Environment"] == "CHAFFINCH_HOME=/var/lib/" + service["StateDirectory"]


def test_the_unit_that_keeps_up_has_the_home_of_the_one_that_serves() -> None:
    units = {}
    for name in ("chaffinch", "chaffinch-adapt"):
        units[name] = configparser.RawConfigParser(strict=False)
        units[name].optionxform = str  # type: ignore[assignment, method-assign]
        units[name].read(ROOT / "examples" / f"{name}.service", encoding="utf-8")
    serves, keeps_up = (units[name]["Service"] for name in units)
    assert keeps_up["ExecStart"].endswith("/chaffinch adapt mail --watch")
    assert units["chaffinch-adapt"]["Unit"]["After"] == "chaffinch.service"
    assert all(keeps_up[one] == serves[one] for one in ("Environment", "User", "StateDirectory"))


@pytest.mark.parametrize(("name", "verb"), [("imap", "imap"), ("watch", "watch %h/Maildir --move")])
def test_a_unit_that_guards_mailboxes_stops_in_time(name: str, verb: str) -> None:
    from chaffinch.servers.guard import run as guards

    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(ROOT / "examples" / f"chaffinch-{name}.service", encoding="utf-8")
    assert unit["Service"]["ExecStart"].endswith(f"/chaffinch {verb}")
    assert float(unit["Service"]["TimeoutStopSec"]) > guards._FAREWELL


@pytest.mark.parametrize("name", ["chaffinch", "chaffinch-imap", "chaffinch-watch"])
def test_a_unit_is_not_started_again_where_the_settings_are_wrong(name: str) -> None:
    from chaffinch.errors import UsageError

    unit = (ROOT / "examples" / f"{name}.service").read_text(encoding="utf-8")
    (codes,) = re.findall(r"^RestartPreventExitStatus=(.*)$", unit, re.MULTILINE)
    assert str(UsageError.exit_code) in codes.split()


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("tutorials/server", "chaffinch"),
        ("recipes/spamc", "chaffinch"),
        ("recipes/imap", "chaffinch-imap"),
        ("recipes/maildir", "chaffinch-watch"),
    ],
)
def test_what_a_unit_needs_is_made_before_it_is_started(page: str, name: str) -> None:
    unit = (ROOT / "examples" / f"{name}.service").read_text(encoding="utf-8")
    told = "\n".join(one.text for one in blocks(ROOT / "docs" / f"{page}.md") if not one.runs)
    before, starts, _ = told.partition("enable --now " + name)
    assert starts
    (program,) = re.findall(r"^ExecStart=(\S+)", unit, re.MULTILINE)
    assert re.search(rf"^ln -s \S+ {program.replace('%h', '~')}$", before, re.MULTILINE)
    for user in re.findall(r"^User=(.+)$", unit, re.MULTILINE):
        assert re.search(rf"^useradd --system .* {user}$", before, re.MULTILINE)
