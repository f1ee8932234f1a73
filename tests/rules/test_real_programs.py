"""Exported rules mean in SpamAssassin and in Dovecot's Sieve what they mean in Chaffinch."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaffinch.features.rules import RuleFeatures
from chaffinch.rules.export import sieve, spamassassin
from chaffinch.rules.hits import rule_features
from chaffinch.rules.local import load_rules
from chaffinch.rules.plain import Plain
from chaffinch.rules.rule import Condition, Rule, RuleSet
from chaffinch.task import get_task
from programs import needed

MAIL = get_task("mail")
JUNK = 2.0

CONDITIONS = (
    (Plain("contains", "subject", "money"),),
    (Plain("contains", "visible", "guaranteed"),),
    (Plain("contains", "urls", "shop.example"),),
    (Plain("header", "x-mailer", "bulk/1.0 (a+b)"),),
    (Plain("there", "list-id"),),
    (Plain("type", text="text/html"),),
    (Plain("ending", text="exe"),),
    (Plain("number"),),
    (Plain("header", "from", "o'hara"),),
    (Plain("contains", "visible", "50% off: a/b #1 @home"),),
    (Plain("contains", "visible", "guaranteed"), Plain("there", "list-id", negated=True)),
    (Plain("contains", "subject", "money"), Plain("type", text="text/html", negated=True)),
    (Plain("contains", "visible", "meeting"), Plain("there", "in-reply-to")),
)

HEAD = "From: {sender}\nTo: ann@example.org\nDate: Mon, 2 Nov 2026 10:00:00 +0000\n"
MIXED = """\
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b"

--b
Content-Type: text/plain

The invoice is guaranteed to be right.
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="invoice.pdf.EXE"
Content-Transfer-Encoding: base64

TVqQAAMAAAAEAAAA
--b--
"""
ALTERNATIVE = """\
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=utf-8

See http://shop.example/now and save.
--b
Content-Type: text/html; charset=utf-8

<p>See <a href="http://shop.example/now">the shop</a> and save.</p>
--b--
"""
HTML = """\
MIME-Version: 1.0
Content-Type: text/html

<p>Come to <a href='http://203.0.113.7/x'>us</a>!</p>
"""
PLAIN = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
ENCODED = base64.encodebytes("Ganz sicher: GUARANTEED für Sie, 50% off: a/b #1 @home.\n".encode())
SAMPLES = tuple(
    HEAD.format(sender=sender) + rest
    for sender, rest in (
        ("Ann <ann@example.net>", "Subject: lunch\nIn-Reply-To: <1@example.net>\n\nThe meeting?\n"),
        ("Ann <ann@example.net>", "Subject: Money for you\n\nNothing is guaranteed.\n"),
        (
            '"O\'Hara" <x@example.net>',
            "Subject: news\nList-Id: <news.example.net>\n\nGuaranteed: http://203.0.113.9/a\n",
        ),
        (
            "Shop <shop@example.net>",
            f"Subject: save MONEY\nX-Mailer: Bulk/1.0 (a+b)\n{HTML}",
        ),
        ("Ann <ann@example.net>", f"Subject: invoice\n{MIXED}"),
        ("Shop <shop@example.net>", f"Subject: =?utf-8?q?m=6Fney?=\n{ALTERNATIVE}"),
        (
            "Shop <shop@example.net>",
            f"Subject: Angebot\n{PLAIN}Content-Transfer-Encoding: base64\n\n{ENCODED.decode()}",
        ),
    )
)


def rules() -> RuleSet:
    return RuleSet(
        -1.0,
        tuple(
            Rule(f"R{number}", str(plains[0]), tuple(one.condition for one in plains), 4.0, "local")
            for number, plains in enumerate(CONDITIONS)
        ),
    )


def ours() -> list[set[str]]:
    """Return the names of the rules that fit each sample, by Chaffinch."""
    given = rules()
    features = RuleFeatures.given(given, rule_features(MAIL))
    rows = [features.row(MAIL.reader(sample.encode())) for sample in SAMPLES]
    return [{given.rules[slot].name for slot in row.slots} for row in rows]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that a program without rights can read, as pytest's own cannot be."""
    with tempfile.TemporaryDirectory(prefix="chaffinch-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def run(*words: str | Path, check: bool = True) -> str:
    done = subprocess.run(
        list(map(str, words)), capture_output=True, timeout=120, check=False, text=True
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stdout + done.stderr


class SpamAssassin:
    """SpamAssassin with nothing but one file of rules."""

    def __init__(self, folder: Path, text: str) -> None:
        for name in ("site", "config"):
            (folder / name).mkdir()
        plugin = "loadplugin Mail::SpamAssassin::Plugin::"
        (folder / "site" / "a.pre").write_text(f"{plugin}Check\n{plugin}MIMEHeader\n")
        (folder / "config" / "a.cf").write_text(
            'util_rb_tld com net org example\nadd_header all Status "tests=_TESTS_"\n'
        )
        (folder / "config" / "chaffinch.cf").write_text(text)
        (folder / "prefs").touch()
        self._words = [
            needed("spamassassin"),
            "--local",
            f"--configpath={folder / 'config'}",
            f"--siteconfigpath={folder / 'site'}",
            f"--prefspath={folder / 'prefs'}",
        ]

    def lint(self) -> str:
        return run(*self._words, "--lint")

    def hits(self, files: list[Path]) -> list[set[str]]:
        said = run(*self._words, *files)
        found = re.findall(r"^X-Spam-Status: tests=(.*(?:\n[ \t].*)*)", said, re.MULTILINE)
        return [set(re.findall(r"CHAFFINCH_(\w+)", one)) for one in found]


def samples_in(folder: Path) -> list[Path]:
    files = []
    for number, sample in enumerate(SAMPLES):
        files.append(folder / f"{number}.eml")
        files[-1].write_text(sample)
    return files


def test_spamassassin_takes_the_file_and_finds_the_same(tmp_path: Path) -> None:
    written = spamassassin.export(rules(), least=JUNK)
    assert written.left_out == ()
    program = SpamAssassin(tmp_path, written.text)
    assert "warn" not in program.lint()
    assert program.hits(samples_in(tmp_path)) == ours()


def test_spamassassin_takes_all_rules_that_ship(tmp_path: Path) -> None:
    shipped = load_rules(rule_features(MAIL).files, rule_features(MAIL).parts)
    written = spamassassin.export(shipped, least=JUNK)
    assert len(written.written) >= 20
    assert len(written.written) + len(written.left_out) == len(shipped.rules)
    assert "warn" not in SpamAssassin(tmp_path, written.text).lint()


HOSTILE = RuleSet(
    0.0,
    (
        Rule(
            'BAD"\n# x',
            "so\nstop; /* \"'`$(touch x)",
            (Plain("contains", "visible", 'a"; stop; fileinto "INBOX').condition,),
            4.0,
        ),
        Rule(
            "SLASH",
            "ends /\n score ALL 99",
            (Plain("contains", "subject", "/i\\n#}").condition,),
            4,
        ),
        Rule("CODE", "code", (Condition("subject", "(?i)@{[ system('id') ]}"),), 4.0),
    ),
)


def test_hostile_rules_break_out_of_nothing_in_spamassassin(tmp_path: Path) -> None:
    written = spamassassin.export(HOSTILE, least=JUNK)
    assert "warn" not in SpamAssassin(tmp_path, written.text).lint()
    assert not re.search(r"^\s*score ALL", written.text, re.MULTILINE)


class Sieve:
    """Dovecot's Sieve, which judges a mail by a script without delivering anything."""

    def __init__(self, folder: Path) -> None:
        uid, gid = os.getuid(), os.getgid()
        if uid == 0:
            # It gives up root's rights, so it must be told whose to take.
            uid = gid = 65534
        (folder / "home").mkdir()
        os.chown(folder / "home", uid, gid)
        (folder / "dovecot.conf").write_text(
            f"mail_uid = {uid}\nmail_gid = {gid}\nfirst_valid_uid = 1\nfirst_valid_gid = 1\n"
            f"mail_home = {folder / 'home'}\nmail_location = maildir:{folder / 'home' / 'box'}\n"
            "ssl = no\n"
        )
        self._folder = folder
        self._program = needed("sieve-test")

    def goes_to_junk(self, script: str, mail: Path) -> bool:
        # In the home: the compiled script is put beside it.
        path = self._folder / "home" / "script.sieve"
        path.write_text(script)
        path.chmod(0o644)
        said = run(self._program, "-c", self._folder / "dovecot.conf", path, mail)
        assert "final result: success" in said
        return "store message in folder: Junk" in said


def test_sieve_runs_the_script_and_files_the_same(open_folder: Path) -> None:
    program, given, expected = Sieve(open_folder), rules(), ours()
    files = samples_in(open_folder)
    for rule in given.rules:
        written = sieve.export(RuleSet(given.intercept, (rule,)), least=JUNK)
        assert written.left_out == ()
        for file, names in zip(files, expected, strict=True):
            found = program.goes_to_junk(written.text, file)
            assert found == (rule.name in names), f"{rule.description}: {file.read_text()}"


def test_sieve_runs_all_rules_together(open_folder: Path) -> None:
    program = Sieve(open_folder)
    script = sieve.export(rules(), least=JUNK).text
    found = [program.goes_to_junk(script, file) for file in samples_in(open_folder)]
    assert found == [bool(names) for names in ours()]


def test_hostile_rules_break_out_of_nothing_in_sieve(open_folder: Path) -> None:
    program = Sieve(open_folder)
    script = sieve.export(HOSTILE, least=JUNK).text
    plain = open_folder / "plain.eml"
    plain.write_text(SAMPLES[0])
    assert not program.goes_to_junk(script, plain)
    caught = open_folder / "caught.eml"
    caught.write_text(SAMPLES[0].replace("The meeting?", 'a"; stop; fileinto "INBOX'))
    assert program.goes_to_junk(script, caught)
