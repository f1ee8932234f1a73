"""What the guard does with mail on the real Dovecot, and what it learns from its owner."""

from __future__ import annotations

from chaffinch.servers.guard.guard import Done
from chaffinch.types import Item
from guarded import Guarded, found, named
from shell import Chaffinch


def test_new_mail_is_judged_and_junk_is_moved(box: Guarded) -> None:
    box.deliver("spam", 1001)
    box.deliver("ham", 1002)
    with box.person() as client:
        client.select_folder("INBOX")
        client.add_flags([found(client, 1001)], [rb"\Seen", "$Label1"])
    done = box.look()
    assert (done.judged, done.moved) == (2, 1)
    assert box.where(1001) == ["Junk"]
    assert box.where(1002) == ["INBOX"]
    with box.person() as client:
        client.select_folder("Junk", readonly=True)
        flags = client.get_flags([found(client, 1001)])
        assert {rb"\Seen", b"$Label1"} <= set(*flags.values())
        # The other is as new as it was.
        client.select_folder("INBOX", readonly=True)
        assert set(*client.get_flags([found(client, 1002)]).values()) <= {rb"\Recent"}
    done = box.look()
    assert (done.judged, done.moved, done.spam, done.ham) == (0, 0, 0, 0)
    assert box.flags() == {}


def test_what_is_moved_into_junk_is_spam_and_out_of_it_ham(box: Guarded) -> None:
    box.deliver("ham", 1001)
    box.deliver("spam", 1002)
    box.look()
    assert box.where(1002) == ["Junk"]
    box.move(1001, "INBOX", "Junk")
    box.move(1002, "Junk", "Archive")
    done = box.look()
    assert (done.spam, done.ham) == (1, 1)
    assert box.flags() == {"1001": "spam", "1002": "ham"}
    assert (box.where(1001), box.where(1002)) == (["Junk"], ["Archive"])
    # Both change their mind.
    box.move(1001, "Junk", "INBOX")
    box.move(1002, "Archive", "Junk")
    done = box.look()
    assert (done.spam, done.ham, done.judged) == (1, 1, 0)
    assert box.flags() == {"1001": "ham", "1002": "spam"}
    assert (box.where(1001), box.where(1002)) == (["INBOX"], ["Junk"])


def test_only_looking_moves_nothing_and_says_what_would_be(box: Guarded) -> None:
    # As an account is at first.
    box.account(log_only=None)
    box.deliver("spam", 1001)
    done = box.look()
    assert (done.judged, done.moved, done.would_move) == (1, 0, 1)
    assert box.where(1001) == ["INBOX"]
    id_ = Item(delivered(box, 1001)).id
    rows = box.rows(f"SELECT action, door FROM verdicts WHERE item = '{id_}'")
    assert rows == [("would-junk", "imap")]
    # What the person does counts all the same.
    box.move(1001, "INBOX", "Junk")
    assert box.look().spam == 1
    assert box.flags() == {"1001": "spam"}


def test_what_goes_to_the_trash_or_is_deleted_teaches_nothing(box: Guarded) -> None:
    for number, label in ((1001, "spam"), (1002, "spam"), (1003, "ham"), (1004, "ham")):
        box.deliver(label, number)
    box.look()
    box.move(1001, "Junk", "Trash")
    box.move(1003, "INBOX", "Trash")
    for number, folder in ((1002, "Junk"), (1004, "INBOX")):
        with box.person() as client:
            client.select_folder(folder)
            client.delete_messages([found(client, number)])
            client.expunge()
    assert box.look() == Done()
    assert box.flags() == {}
    # Fetched back out of the trash it was not junk after all.
    box.move(1001, "Trash", "INBOX")
    assert box.look() == Done(ham=1)
    assert box.flags() == {"1001": "ham"}


def test_folders_inside_of_junk_are_junk(box: Guarded) -> None:
    with box.person() as client:
        client.create_folder("Junk/sure")
    box.deliver("spam", 1001)
    box.deliver("ham", 1002)
    box.look()
    # From junk to junk says nothing new.
    box.move(1001, "Junk", "Junk/sure")
    box.move(1002, "INBOX", "Junk/sure")
    assert box.look() == Done(spam=1)
    box.move(1001, "Junk/sure", "Archive")
    assert box.look() == Done(ham=1)
    assert box.flags() == {"1001": "ham", "1002": "spam"}


def test_what_is_copied_first_and_marked_as_deleted_then_is_moved(box: Guarded) -> None:
    box.deliver("ham", 1001)
    box.look()
    with box.person() as client:
        client.select_folder("INBOX")
        uid = found(client, 1001)
        client.copy([uid], "Junk")
    # It is in both: nobody knows yet.
    assert box.look() == Done()
    with box.person() as client:
        client.select_folder("INBOX")
        client.add_flags([uid], [rb"\Deleted"])
    assert box.look() == Done(spam=1)


def test_answers_are_ham(box: Guarded) -> None:
    for number in (1001, 1002, 1003, 1004):
        box.deliver("ham", number)
    box.deliver("spam", 1005)
    box.look()
    box.move(1003, "INBOX", "Junk")
    assert box.look() == Done(spam=1)
    with box.person() as client:
        client.select_folder("INBOX")
        client.add_flags([found(client, 1001)], [rb"\Answered"])
        for number in (1002, 1003, 1005):
            reply = f"In-Reply-To:\r\n <{number}@mail.example>\r\nSubject: Re: it\r\n\r\nYes.\r\n"
            client.append("Sent", reply.encode())
    # Neither what a person calls spam nor what is in junk becomes ham by an answer.
    assert box.look() == Done(ham=2)
    assert box.flags() == {"1001": "ham", "1002": "ham", "1003": "spam"}
    assert box.look() == Done()


def test_what_was_there_before_is_left_unless_asked_for(box: Guarded) -> None:
    box.deliver("spam", 1001, "bob")
    box.deliver("spam", 1002, "bob")
    box.account("bob", owner="bob")
    assert box.look("bob") == Done()
    assert box.look("bob", backlog=1) == Done(judged=1, moved=1)
    assert (box.where(1001, "bob"), box.where(1002, "bob")) == (["INBOX"], ["Junk"])


def test_what_a_person_called_ham_is_never_moved(box: Guarded) -> None:
    for number in range(1001, 1005):
        box.deliver("spam", number)
    box.look()
    box.move(1001, "Junk", "INBOX")
    assert box.look() == Done(ham=1)
    # Others like it outweigh it.
    for number in (1002, 1003, 1004):
        box.move(number, "Junk", "Archive")
    box.look()
    for number in (1002, 1003, 1004):
        box.move(number, "Archive", "Junk")
    box.look()
    done = box.look(backlog=1)
    assert (done.judged, done.moved) == (1, 0)
    assert box.where(1001) == ["INBOX"]


def test_two_accounts_have_owners_of_their_own(box: Guarded) -> None:
    box.account("ada", owner="ada")
    box.account("bob", owner="bob", folders=["INBOX", "Archive"])
    box.look("bob")
    for user in ("ada", "bob"):
        box.deliver("ham", 1001, user)
        box.look(user)
    box.move(1001, "INBOX", "Junk", "ada")
    with box.person("bob") as client:
        client.append("Archive", named("spam", 1002))
    assert (box.look("ada").spam, box.look("bob").moved) == (1, 1)
    assert (box.flags("ada"), box.flags("bob"), box.flags()) == ({"1001": "spam"}, {}, {})
    assert box.rows("SELECT owner, by FROM flags WHERE door = 'imap'") == [("ada", "ada")]


def test_flags_can_be_taken_back(box: Guarded, chaffinch: Chaffinch) -> None:
    box.deliver("ham", 1001)
    box.look()
    box.move(1001, "INBOX", "Junk")
    box.look()
    data = delivered(box, 1001, "Junk")
    taken = chaffinch("flag", "mail", "spam", Item(data).id, "--undo")
    assert taken.code == 0, taken.err
    # What was learned once is not learned again.
    assert box.look() == Done()
    assert box.flags() == {}


def delivered(box: Guarded, number: int, folder: str = "INBOX") -> bytes:
    """Return a mail as the server has it."""
    with box.person() as client:
        client.select_folder(folder, readonly=True)
        (told,) = client.fetch([found(client, number)], ["BODY.PEEK[]"]).values()
        return bytes(told[b"BODY[]"])
