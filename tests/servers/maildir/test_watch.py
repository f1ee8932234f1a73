"""A Maildir that is guarded, with a desk that judges as the test wants it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chaffinch.errors import InputError, ModelError
from chaffinch.experience.mailboxes import Mailboxes
from chaffinch.experience.store import Experience
from chaffinch.servers.desk import Judged
from chaffinch.servers.guard import run
from chaffinch.servers.guard.guard import Done
from chaffinch.servers.maildir import folders, source
from chaffinch.servers.maildir.source import Maildir, MaildirSource, opened
from watching import FakeDesk


def mail(subject: str, *headers: str) -> bytes:
    lines = [f"Message-ID: <{subject}@mail.example>", f"Subject: {subject}", *headers, "", "Hi", ""]
    return "\n".join(lines).encode()


@dataclass
class Box:
    """A person's Maildir, and what guards it."""

    root: Path
    home: Path
    desk: FakeDesk
    move: bool = True

    def folder(self, name: str) -> Path:
        return self.root if name == "INBOX" else self.root / f".{name}"

    def make(self, name: str) -> None:
        for place in ("new", "cur", "tmp"):
            (self.folder(name) / place).mkdir(parents=True)

    def put(
        self, subject: str, folder: str = "INBOX", flags: str | None = None, *more: str
    ) -> Path:
        name = f"1795783407.M{len(subject)}P1_{subject}.host"
        where = ("new", name) if flags is None else ("cur", f"{name}:2,{flags}")
        path = self.folder(folder).joinpath(*where)
        path.write_bytes(mail(subject, *more))
        return path

    def files(self, folder: str) -> list[str]:
        """Return the names in a folder, without what every one begins with."""
        return sorted(
            f"{place}/{path.name.partition('_')[2]}"
            for place in ("new", "cur")
            for path in (self.folder(folder) / place).iterdir()
        )

    def take(self, subject: str, source: str, target: str, flags: str = "S") -> None:
        """Move a mail as a mail program does."""
        (path,) = [
            path
            for place in ("new", "cur")
            for path in (self.folder(source) / place).iterdir()
            if f"_{subject}." in path.name
        ]
        base = path.name.partition(":2,")[0]
        path.rename(self.folder(target) / "cur" / f"{base}:2,{flags}")

    def look(self, **more: Any) -> Done:
        account = Maildir(self.root, 1 << 20, log_only=not self.move, **more)
        done = run.guard_all(self.home, [account], opened, "watch", once=True)[account.name]
        assert done.trouble is None, done.trouble
        return done


@pytest.fixture
def box(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Box:
    desk = FakeDesk()
    monkeypatch.setattr(run, "Desk", lambda home: desk)
    made = Box(tmp_path / "Maildir", home, desk)
    for name in ("INBOX", "Junk", "Junk.old", "Trash", "Sent", "Archive"):
        made.make(name)
    made.put("old-4U")
    made.look()
    assert desk.judged == []
    return made


def test_new_junk_is_moved_with_its_flags_and_whether_it_is_new(box: Box) -> None:
    box.put("4U-new")
    box.put("4U-seen", "INBOX", "FS")
    box.put("lunch")
    done = box.look()
    assert (done.judged, done.moved) == (3, 2)
    assert box.files("INBOX") == ["new/lunch.host", "new/old-4U.host"]
    assert box.files("Junk") == ["cur/4U-seen.host:2,FS", "new/4U-new.host"]
    assert box.look().judged == 0
    assert box.desk.taught == []


def test_without_move_it_is_only_written_down(box: Box) -> None:
    box.move = False
    box.put("4U")
    done = box.look()
    assert (done.judged, done.moved, done.would_move) == (1, 0, 1)
    assert box.files("Junk") == []


def test_what_a_person_moves_teaches(box: Box) -> None:
    for name in ("a", "b", "c"):
        box.put(name)
    box.put("4U")
    box.look()
    box.take("a", "INBOX", "Junk")
    box.take("b", "INBOX", "Junk.old")
    box.take("4U", "Junk", "Archive")
    done = box.look()
    assert (done.spam, done.ham, done.moved) == (2, 1, 0)
    assert sorted(box.desk.taught) == [("4U", "ham"), ("a", "spam"), ("b", "spam")]
    box.take("b", "Junk.old", "INBOX")
    box.look()
    assert box.desk.taught[3:] == [("b", "ham")]
    assert len(box.desk.judged) == 4


def test_the_trash_and_what_stays_on_its_side_teach_nothing(box: Box) -> None:
    for name in ("a", "4U-b", "4U-c", "4U-d"):
        box.put(name)
    box.look()
    box.take("a", "INBOX", "Archive")
    box.take("4U-b", "Junk", "Trash")
    box.take("4U-c", "Junk", "Junk.old")
    box.take("4U-d", "Junk", "Trash")
    box.look()
    (box.root / ".Trash" / "cur").joinpath(
        *[one.name for one in (box.root / ".Trash" / "cur").iterdir() if "4U-d" in one.name]
    ).unlink()
    box.take("a", "Archive", "Trash")
    box.look()
    box.take("a", "Trash", "INBOX")
    box.look()
    assert box.desk.taught == []
    box.take("4U-b", "Trash", "INBOX")
    box.look()
    assert box.desk.taught == [("4U-b", "ham")]


def test_what_is_answered_is_ham(box: Box) -> None:
    box.put("asked", "INBOX", "S")
    box.put("other")
    box.look()
    box.take("asked", "INBOX", "INBOX", "RS")
    box.put("sent", "Sent", "S", "In-Reply-To: <other@mail.example>")
    done = box.look()
    assert done.ham == 2
    assert sorted(box.desk.taught) == [("asked", "ham"), ("other", "ham")]
    box.look()
    assert len(box.desk.taught) == 2


def test_a_mark_to_be_deleted_is_no_move(box: Box) -> None:
    box.put("4U")
    box.look()
    # As programs do that copy first: then the original goes.
    (path,) = (box.root / ".Junk" / "new").iterdir()
    shutil.copy2(path, box.root / "cur" / f"{path.name}:2,S")
    box.look()
    assert box.desk.taught == []
    path.rename(box.root / ".Junk" / "cur" / f"{path.name}:2,T")
    box.look()
    assert box.desk.taught == [("4U", "ham")]


@pytest.mark.parametrize("moved", [False, True])
def test_a_crash_around_a_move_loses_and_teaches_nothing(
    box: Box, moved: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def killed(root: Path, folder: str, file: folders.File, to: str) -> None:
        if moved:
            rename(root, folder, file, to)
        raise KilledError

    rename = folders.rename
    box.put("4U")
    account = Maildir(box.root, 1 << 20, log_only=False)
    with Experience.open(box.home) as experience:
        opened_ = MaildirSource(account)
        swept = opened_.sweep(experience.mailboxes)
        (place,) = experience.mailboxes.waiting(account.name)
        monkeypatch.setattr(source, "rename", killed)
        with pytest.raises(KilledError):
            opened_.move_to_junk(experience.mailboxes, place, swept.junk)
        monkeypatch.undo()
    box.desk = FakeDesk()
    with pytest.MonkeyPatch.context() as again:
        again.setattr(run, "Desk", lambda home: box.desk)
        box.look()
        assert box.files("Junk") == ["new/4U.host"]
        assert box.look().moved == 0
    assert box.desk.taught == []
    assert len(box.desk.judged) == (0 if moved else 1)


STEPS = ("note", "begin", "begin_move", "finish_move", "settle", "turn")


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_any_step_it_goes_on_where_it_was(
    box: Box, after: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill it at the first step, start it again, kill it at the second, until it gets through."""

    class KilledError(BaseException):
        pass

    left = 0

    def killing(step: Callable[..., Any]) -> Callable[..., Any]:
        def killed(*args: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0 and not after:
                raise KilledError
            made = step(*args, **more)
            if left == 0:
                raise KilledError
            return made

        return killed

    for name in STEPS:
        monkeypatch.setattr(Mailboxes, name, killing(getattr(Mailboxes, name)))
    monkeypatch.setattr(source, "rename", killing(folders.rename))
    # A thread that is killed says so, as it should.
    monkeypatch.setattr(threading, "excepthook", lambda told: None)
    box.put("kept")
    box.put("wrong")
    box.look()
    for name in ("4U-a", "4U-b", "lunch"):
        box.put(name)
    box.take("wrong", "INBOX", "Junk")
    account = Maildir(box.root, 1 << 20, log_only=False)
    for steps in range(1, 60):
        left = steps
        done = run.guard_all(box.home, [account], opened, "watch", once=True)[account.name]
        if left > 0 and done.trouble is None:
            break
    assert steps > 5
    assert box.files("Junk") == ["cur/wrong.host:2,S", "new/4U-a.host", "new/4U-b.host"]
    assert box.files("INBOX") == ["new/kept.host", "new/lunch.host", "new/old-4U.host"]
    # A flag may be given twice, which is stored once; our own moves are never taken for a person's.
    assert set(box.desk.taught) == {("wrong", "spam")}


def test_a_mail_that_changes_its_name_while_it_is_judged_is_moved(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = box.put("4U")
    judge = box.desk.judge

    async def opened_meanwhile(*args: Any, **more: Any) -> Judged:
        path.rename(box.root / "cur" / f"{path.name}:2,S")
        return await judge(*args, **more)

    monkeypatch.setattr(box.desk, "judge", opened_meanwhile)
    assert box.look().moved == 1
    assert box.files("Junk") == ["cur/4U.host:2,S"]


def test_a_mail_that_a_person_takes_away_while_it_is_judged_stays_there(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put("4U")
    judge = box.desk.judge

    async def taken_meanwhile(*args: Any, **more: Any) -> Judged:
        box.take("4U", "INBOX", "Archive")
        return await judge(*args, **more)

    monkeypatch.setattr(box.desk, "judge", taken_meanwhile)
    assert box.look().moved == 0
    assert box.look().moved == 0
    assert box.files("Archive") == ["cur/4U.host:2,S"]
    assert box.desk.taught == []


def test_a_mail_of_the_same_name_in_junk_is_not_written_over(box: Box) -> None:
    path = box.put("4U")
    there = box.root / ".Junk" / "new" / path.name
    there.write_bytes(mail("another"))
    assert box.look().moved == 1
    assert there.read_bytes() == mail("another")
    assert len(box.files("Junk")) == 2


def test_a_folder_by_another_name_is_known_again(box: Box) -> None:
    for name in ("a", "b"):
        box.put(name)
    box.look()
    for name in ("a", "b"):
        box.take(name, "INBOX", "Archive")
    box.look()
    box.folder("Archive").rename(box.folder("Kept"))
    box.take("a", "Kept", "Junk")
    box.look()
    assert box.desk.taught == [("a", "spam")]
    # A folder that becomes one of junk says nothing of each mail in it.
    box.folder("Kept").rename(box.folder("Junk.kept"))
    box.look()
    assert box.desk.taught == [("a", "spam")]


def test_strange_files_are_let_be(box: Box, tmp_path: Path) -> None:
    os.mkfifo(box.root / "new" / "fifo")
    (box.root / "new" / "folder").mkdir()
    secret = tmp_path / "secret"
    secret.write_bytes(mail("4U-secret"))
    (box.root / "new" / "link").symlink_to(secret)
    Path(os.fsdecode(os.fsencode(box.root) + b"/new/\xff\xfe")).write_bytes(mail("4U"))
    Path(os.fsdecode(os.fsencode(box.root) + b"/.\xff/cur")).mkdir(parents=True)
    (box.root / "new" / "empty").write_bytes(b"")
    (box.root / "new" / ".hidden").write_bytes(mail("4U-hidden"))
    done = box.look()
    assert (done.judged, done.moved) == (2, 1)
    assert secret.read_bytes() == mail("4U-secret")


def test_without_a_folder_for_junk_nothing_is_moved(box: Box) -> None:
    shutil.rmtree(box.root / ".Junk.old")
    box.folder("Junk").rename(box.folder("Quarantine"))
    box.put("4U")
    assert box.look().moved == 0
    box.put("4U-b")
    assert box.look(junk="Quarantine").moved == 1
    assert box.files("Quarantine") == ["new/4U-b.host"]


def test_a_mail_waits_while_there_is_no_model(box: Box) -> None:
    box.put("4U")
    box.desk.error = ModelError("none")
    account = Maildir(box.root, 1 << 20, log_only=False)
    done = run.guard_all(box.home, [account], opened, "watch", once=True)[account.name]
    assert isinstance(done.trouble, ModelError)
    box.desk.error = None
    assert box.look().moved == 1


def test_a_very_large_mail_is_judged_by_its_beginning(box: Box) -> None:
    path = box.put("4U")
    path.write_bytes(mail("4U") + b"x" * (3 << 20))
    assert box.look().moved == 1
    assert len(box.desk.judged[0]) == 1 << 20


def test_a_folder_that_did_not_change_is_not_read_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Maildir(box.root, 1 << 20)
    past = 1_700_000_000
    for name in ("INBOX", "Junk", "Junk.old", "Trash", "Sent", "Archive"):
        for place in ("new", "cur"):
            os.utime(box.folder(name) / place, (past, past))
    read: list[str] = []

    def files_of(path: Path) -> dict[int, folders.File]:
        read.append(path.name)
        return folders.files_of(path)

    monkeypatch.setattr("chaffinch.servers.maildir.mirror.files_of", files_of)
    with Experience.open(box.home) as experience:
        watched = MaildirSource(account)
        watched.sweep(experience.mailboxes)
        assert len(read) == 6
        watched.sweep(experience.mailboxes)
        assert len(read) == 6
        assert not any(map(watched.is_changed, watched.seen))
        box.put("a")
        assert watched.is_changed("INBOX")
        watched.sweep(experience.mailboxes)
        assert read[6:] == ["Maildir"]
        # Just changed, it may change again at what the clock calls the same time.
        assert watched.is_changed("INBOX")


def test_a_maildir_of_any_name_can_be_guarded(box: Box, tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*(f"folder {number} of a deep tree ö" for number in range(20)))
    strange = Path(os.fsdecode(os.fsencode(deep) + b"/\xff\xfe"))
    strange.parent.mkdir(parents=True)
    box.root.rename(strange)
    box.root = strange
    box.look()
    box.put("4U")
    assert box.look().moved == 1


def test_what_is_no_maildir_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no folder cur"):
        MaildirSource(Maildir(tmp_path, 1 << 20))
