from __future__ import annotations

from pathlib import Path

import pytest

from chaffinch.errors import UsageError
from chaffinch.servers.imap.accounts import ACCOUNT
from chaffinch.settings import (
    SETTINGS,
    cache_folder,
    home_folder,
    misspelt_variables,
    read_settings,
)


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read_settings(tmp_path) == {}
    (tmp_path / "settings.toml").write_text("remember = false\ncheckpoint = 7\n")
    assert read_settings(tmp_path) == {"remember": False, "checkpoint": 7}
    monkeypatch.setenv("CHAFFINCH_CHECKPOINT", "9")
    assert read_settings(tmp_path) == {"remember": False, "checkpoint": 9}


@pytest.mark.parametrize("value", ["perhaps", "2", ""])
def test_values_that_make_no_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    (tmp_path / "settings.toml").write_text(f"remember = '{value}'\n")
    with pytest.raises(UsageError, match=r"settings\.toml, remember: .*write it like 'true'"):
        read_settings(tmp_path)


def test_a_variable_that_makes_no_sense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAFFINCH_CHECKPOINT", "many")
    with pytest.raises(UsageError, match="environment variable CHAFFINCH_CHECKPOINT: 'many'"):
        read_settings(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [
        ("ham_loss", "100", r"from 0\.01 to 50"),
        ("keep_flagged", "-3", "from 0 to"),
        ("checkpoint", "0", "from 1 to"),
    ],
)
def test_what_is_out_of_range_is_told_the_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, bounds: str
) -> None:
    monkeypatch.setenv(f"CHAFFINCH_{name.upper()}", value)
    with pytest.raises(UsageError, match=f"'{value}' is out of range, {bounds}"):
        read_settings(tmp_path)


def test_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CHAFFINCH_HOME")
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert home_folder() == Path("/home/ada/.local/share/chaffinch")
    assert cache_folder() == Path("/home/ada/.cache/chaffinch")
    monkeypatch.setenv("XDG_DATA_HOME", "/srv/data")
    assert home_folder() == Path("/srv/data/chaffinch")


def test_every_setting_stands_in_the_docs() -> None:
    page = (Path(__file__).parent.parent / "docs" / "settings.md").read_text()
    for setting in SETTINGS:
        assert f"`{setting.name}`" in page
        assert f"`{setting.variable}`" in page
    for setting in ACCOUNT:
        assert f"| `{setting.name}` | " in page


def test_a_variable_that_is_nearly_a_setting_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for known in ("CHAFFINCH_PURE", "CHAFFINCH_LOG_ONLY", "CHAFFINCH_PORT_783_TCP"):
        monkeypatch.setenv(known, "1")
    assert misspelt_variables() == []
    monkeypatch.setenv("CHAFFINCH_LOGONLY", "1")
    (told,) = misspelt_variables()
    assert told == (
        "environment variable CHAFFINCH_LOGONLY is no setting (did you mean 'CHAFFINCH_LOG_ONLY'?)"
    )
