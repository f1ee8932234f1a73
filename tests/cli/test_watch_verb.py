"""The verb watch: what it says, what it refuses, and how it runs until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from chaffinch.experience.store import Experience
from samples import mail
from shell import Chaffinch


def maildir(root: Path) -> Path:
    for folder in ("", ".Junk", ".Trash"):
        for place in ("new", "cur", "tmp"):
            (root / folder / place).mkdir(parents=True)
    return root


def test_it_tells_what_was_done(chaffinch: Chaffinch, tmp_path: Path) -> None:
    root = maildir(tmp_path / "Maildir")
    first = chaffinch("watch", root, "--once")
    assert first.code == 0
    assert first.err.count('"folder first seen"') == 3
    second = chaffinch("watch", root, "--once")
    # cron sends what is written.
    assert (first.out, second.code, second.out, second.err) == ("", 0, "", "")
    (root / "new" / "1.a.host").write_bytes(mail("ham", 1))
    (root / "new" / "2.b.host").write_bytes(mail("spam", 2))
    told = chaffinch.json("watch", root, "--once")
    assert told["judged"] == 2
    assert told["moved"] == 0
    (root / "new" / "1.a.host").rename(root / ".Junk" / "cur" / "1.a.host:2,S")
    second = chaffinch("watch", root, "--once", "--owner", "ada")
    assert "0 mails judged, 1 learned as spam and 0 as ham." in " ".join(second.out.split())
    with Experience.look() as experience:
        (flagged,) = experience.examples("mail")
    assert (flagged.label, flagged.item.data, flagged.item.owner) == ("spam", mail("ham", 1), "ada")


def test_what_cannot_be_is_refused(chaffinch: Chaffinch, tmp_path: Path) -> None:
    refused = chaffinch("watch", tmp_path)
    assert refused.code == 3
    assert "is no Maildir" in refused.err
    assert chaffinch("watch", tmp_path, "--json").code == 2


def test_a_folder_that_was_named_and_is_not_there(chaffinch: Chaffinch, tmp_path: Path) -> None:
    root = maildir(tmp_path / "Maildir")
    (root / ".Nope").mkdir()
    (root / "new" / "1.a.host").write_bytes(mail("ham", 1))
    told = chaffinch("watch", root, "--once", "--backlog", "1", "--junk", "Nope")
    assert told.code == 3
    # What could be done was done.
    assert '"event": "judged"' in told.err
    assert "no folder Nope for junk" in told.err
    assert "--junk, or make the folder .Nope in the Maildir, with cur, new and tmp" in told.err
    told = chaffinch("watch", root, "--once", "--folder", "Lists")
    assert told.code == 3
    assert "no folder Lists: name another with --folder" in told.err
    assert "settings" not in told.err


def test_it_runs_until_it_is_told_to_stop(tmp_path: Path, home: Path) -> None:
    root = maildir(tmp_path / "Maildir")
    log = tmp_path / "log"

    def until(said: str, times: int = 1) -> None:
        deadline = time.monotonic() + 60
        while log.read_text(encoding="utf-8").count(said) < times:
            assert time.monotonic() < deadline, log.read_text(encoding="utf-8")
            time.sleep(0.05)

    with (
        log.open("wb") as file,
        subprocess.Popen(
            [sys.executable, "-m", "chaffinch", "watch", str(root), "--move"],
            stderr=file,
            env=os.environ | {"CHAFFINCH_HOME": str(home)},
        ) as process,
    ):
        try:
            until('"folder first seen"', 3)
            (root / "tmp" / "1.a.host").write_bytes(mail("ham", 1))
            (root / "tmp" / "1.a.host").rename(root / "new" / "1.a.host")
            until('"event": "judged"')
            (root / "new" / "1.a.host").rename(root / ".Junk" / "cur" / "1.a.host:2,S")
            until('"event": "flagged"')
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    (flagged,) = [line for line in lines if line["event"] == "flagged"]
    assert (flagged["label"], flagged["why"]) == ("spam", "moved into junk")
    assert lines[-1]["event"] == "stopped"
