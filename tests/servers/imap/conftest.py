from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from guarded import Guarded, copy, train
from hosts.dovecot import Dovecot


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("trained") / "home"
    train(home)
    return home


@pytest.fixture
def box(short: Path, home: Path, trained: Path) -> Iterator[Guarded]:
    """A mailbox that the guard has seen, and in which it moves junk."""
    copy(trained, home)
    with Dovecot(short, {"ada": "lovelace", "bob": "dylan"}) as dovecot:
        guarded = Guarded(dovecot, home)
        guarded.account()
        guarded.look()
        yield guarded
