"""On mails that Python's email package writes, the reader agrees with that package."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from chaffinch.readers.mail import read_mail

_LETTERS = {
    "us-ascii": "abc XYZ.,=?_-\"'",
    "iso-8859-1": "abc äöüßéñ£ =?_",
    "iso-8859-15": "abc €œ ",
    "utf-8": "abc äж日🐦\u200b =?_",
    "koi8-r": "abc жщЪ ",
    "windows-1252": "abc “”… ",
    "iso-2022-jp": "abc 日本 ",
    "euc-kr": "abc 한글 ",
    "gb2312": "abc 你好 ",
    "big5": "abc 你好 ",
}
_ENCODINGS = st.sampled_from(["base64", "quoted-printable"])
_KINDS = st.sampled_from([("application", "pdf"), ("image", "png"), ("audio", "x-wav")])


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A charset and a text that it can spell."""
    charset = draw(st.sampled_from(sorted(_LETTERS)))
    lines = draw(st.lists(st.text(_LETTERS[charset], max_size=90), max_size=5))
    return charset, "\n".join(lines) + "\n"


def headers() -> st.SearchStrategy[str]:
    words = st.text("".join(_LETTERS.values()).replace(" ", ""), min_size=1, max_size=30)
    return st.lists(words, max_size=12).map(" ".join)


@st.composite
def mails(draw: st.DrawFn) -> EmailMessage:
    mail = EmailMessage(policy=draw(st.sampled_from([policy.default, policy.SMTP])))
    mail["Subject"] = draw(headers())
    mail["From"] = "someone@example.org"
    charset, text = draw(texts())
    mail.set_content(text, charset=charset, cte=draw(_ENCODINGS))
    if draw(st.booleans()):
        mail.add_alternative("<p>page</p>", subtype="html", cte=draw(_ENCODINGS))
    for data in draw(st.lists(st.binary(max_size=100), max_size=3)):
        main, sub = draw(_KINDS)
        name = draw(st.text("abc äж日'%*;=\"", min_size=1, max_size=60).map(str.strip))
        mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
    if draw(st.booleans()):
        inner = EmailMessage()
        inner["Subject"] = "inner"
        inner.set_content("inside\n")
        mail.add_attachment(inner)
    return mail


def folded(text: str) -> str:
    return " ".join(text.split())


@given(mails())
@settings(max_examples=300)
def test_the_reader_agrees_with_pythons_own(written: EmailMessage) -> None:
    data = written.as_bytes()
    theirs = message_from_bytes(data, policy=policy.default)
    mail = read_mail(data)

    assert folded(mail.header("subject")) == folded(str(theirs["subject"]))
    assert [name for name, _ in mail.headers] == list(theirs.keys())

    walked = list(theirs.walk())
    assert mail.structure == tuple(part.get_content_type() for part in walked)

    leaves = [part for part in walked if not part.is_multipart()]
    shown = [part for part in leaves if part.get_content_maintype() == "text"]
    words = [
        "page" if part.get_content_type() == "text/html" else str(part.get_content())
        for part in shown
    ]
    assert folded(mail.visible) == folded(" ".join(words))

    attached = [part for part in walked if part.get_content_disposition() == "attachment"]
    assert [part.type for part in mail.attachments] == [
        part.get_content_type() for part in attached
    ]
    # What the package cannot fold into its own form it does not read back whole either.
    assert [folded(part.name) for part in mail.attachments] == [
        folded(part.get_filename("")) for part in attached
    ]
    assert [part.size for part in mail.attachments if part.type != "message/rfc822"] == [
        len(part.get_payload(decode=True)) for part in attached if not part.is_multipart()
    ]
    assert mail.notes == ()
