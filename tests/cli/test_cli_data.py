"""The verbs of public data sets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaffinch.cli.data import app
from chaffinch.datasets import CATALOGUE
from chaffinch.errors import SourceError, UsageError
from chaffinch.task import TASKS


@pytest.fixture(autouse=True)
def local_fsdd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "fsdd").mkdir()
    path = tmp_path / "fsdd" / "digits.zip"
    path.write_bytes(b"zip")
    monkeypatch.setenv("CHAFFINCH_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "80")
    return path


def test_get_prints_the_path_alone_on_stdout(local_fsdd: Path) -> None:
    result = CliRunner().invoke(app, ["get", "fsdd"])
    assert result.exit_code == 0
    assert result.stdout == f"{local_fsdd}\n"
    assert "no checksum" in result.stderr


def test_get_as_json(local_fsdd: Path) -> None:
    result = CliRunner().invoke(app, ["get", "fsdd", "--json"])
    assert json.loads(result.stdout) == {
        "name": "fsdd",
        "path": str(local_fsdd),
        "verified": False,
    }


def test_get_of_what_is_not_there() -> None:
    assert isinstance(CliRunner().invoke(app, ["get", "fsd"]).exception, UsageError)


def test_get_refreshes(tmp_path: Path) -> None:
    (tmp_path / "sms").mkdir()
    source = tmp_path / "sms" / "sms.jsonl.gz"
    source.write_bytes(gzip.compress(b'{"label": "ham", "text": "Tea?"}\n', mtime=0))
    result = CliRunner().invoke(app, ["get", "sms", "--refresh"])
    assert isinstance(result.exception, SourceError)
    assert "holds 1 ham, not 4827 ham, 747 spam" in str(result.exception)


USABLE = [dataset for dataset in CATALOGUE.values() if dataset.task in TASKS]


def test_list_fits_a_terminal() -> None:
    result = CliRunner().invoke(app, ["list"])
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    for dataset in USABLE:
        (line,) = (line for line in lines if line.split()[:1] == [dataset.name])
        assert dataset.task in line
        assert line.rstrip().endswith("yes" if dataset.verified else "no")


def test_list_of_one_tells_all() -> None:
    result = CliRunner().invoke(app, ["list", "spamassassin"])
    for part in ("6,046", "PDDL", "Apache SpamAssassin Project", "spam_2.tar.bz2", "@stdlib/"):
        assert part in result.stdout


def test_list_as_json() -> None:
    everything = json.loads(CliRunner().invoke(app, ["list", "--json"]).stdout)
    assert [one["name"] for one in everything] == [dataset.name for dataset in USABLE]
    one = json.loads(CliRunner().invoke(app, ["list", "sms", "--json"]).stdout)
    assert one == everything[1]
    assert one["citation"].startswith("Almeida")
