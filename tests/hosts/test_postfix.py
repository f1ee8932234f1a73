from __future__ import annotations

import json
from pathlib import Path

from hosts.postfix import Postfix, postfix

MAIL = b"From: Eve <eve@example.test>\r\nSubject: hello\r\n\r\n\xff\r\n.dot\r\n\r\n"


def test_mail_is_delivered_as_it_was_sent() -> None:
    with postfix() as host:
        assert host.send(MAIL)[0] == 0
        (mail,) = host.delivered()
        assert mail.endswith(b"\n" + MAIL.replace(b"\r\n", b"\n"))
        assert host.queued() == []
    assert not host.folder.exists()
    assert not runs(host)


def test_what_is_refused_is_told_and_what_waits_is_sent_again() -> None:
    with postfix("defer_transports = virtual\n") as host:
        assert host.send(MAIL, "ada@elsewhere.test")[0] != 0
        assert host.send(MAIL, "ada@example.test", "bob@example.test")[0] == 0
        host.logged("status=deferred")
        (queued,) = host.queued()
        assert len(json.loads(queued)["recipients"]) == 2
        host.command("postconf", "-e", "defer_transports=")
        host.command("postfix", "reload")
        host.flush()
        assert len(host.delivered(name="ada")) == len(host.delivered(name="bob")) == 1


def runs(host: Postfix) -> bool:
    """Return whether any process works in a host's folder."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if str(link.readlink()).startswith(str(host.folder)):
                return True
        except OSError:
            continue
    return False
