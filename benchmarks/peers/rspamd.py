"""Rspamd, a daemon with a Redis of its own: https://rspamd.com."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from peers.peer import (
    DaemonPeer,
    Judgement,
    PeerError,
    fisher_log_odds,
    log_tail,
    logit,
)

_START_SECONDS = 120.0
# Scores come with six digits behind the point: as many as a double has, if the weight is large.
_WEIGHT = 1e9
_SETTINGS = Path("/etc/rspamd/rspamd.conf")

_REDIS = """\
port 0
unixsocket {folder}/redis.sock
dir {folder}
save ""
appendonly no
"""

_HEADERS = {
    # Else it would decline to learn what it already judges right.
    "Learn-Type": "bulk",
    # Every mail of a corpus is old today, and was not when it came.
    "Settings": '{"symbols_disabled": ["DATE_IN_PAST"]}',
}
_FOLDERS = ("DBDIR", "RUNDIR", "LOGDIR", "LOCAL_CONFDIR")
_SYMBOLS = ("BAYES_SPAM", "BAYES_HAM")
_SPAM_ACTIONS = ("add header", "rewrite subject", "reject")
# Learned, too short to be learned, and learned already.
_LEARNED = (200, 204, 208)

# Nothing may ask the network: names are asked of a port where nobody listens.
_NO_NETWORK = """\
dns {
  nameserver = ["127.0.0.1:1"];
  timeout = 0.05s;
  retransmits = 1;
}
"""

_LOGGING = """\
type = "file";
filename = "$LOGDIR/rspamd.log";
level = "warning";
"""

# For a line that holds the sums which Fisher's method begins with.
_EXACT = """\
debug_modules = ["bayes"];
log_buffered = false;
"""
_TAILS = re.compile(
    rb"got ham probability ([-0-9.]+) -> \S+ and spam probability ([-0-9.]+) -> \S+ (\d+) tokens"
)

_CLASSIFIER = """\
backend = "redis";
servers = "{folder}/redis.sock";
min_learns = 1;
"""

_BAYES_ONLY = """\
options {{
  pidfile = "$RUNDIR/rspamd.pid";
  filters = "";
  tempdir = "$RUNDIR";
  url_tld = "${{SHAREDIR}}/effective_tld_names.dat";
  classify_headers = ["User-Agent", "X-Mailer", "Content-Type", "X-MimeOLE"];
  allow_raw_input = true;
  words_decay = 600;
  control_socket = "$DBDIR/rspamd.sock mode=0600";
  cache_file = "$DBDIR/symbols.cache";
  hs_cache_dir = "$DBDIR";
  {no_network}
}}
logging {{
  {logging}
}}
worker "normal" {{
  {judge}
}}
worker "controller" {{
  {learn}
}}
actions {{
  reject = 1000;
}}
group "statistics" {{
  symbols = {{
    "BAYES_SPAM" {{ weight = {weight}; }}
    "BAYES_HAM" {{ weight = -{weight}; }}
  }}
}}
classifier "bayes" {{
  tokenizer {{
    name = "osb";
  }}
  cache {{
  }}
  new_schema = true;
  min_tokens = 11;
  {classifier}
  statfile {{
    symbol = "BAYES_HAM";
    spam = false;
  }}
  statfile {{
    symbol = "BAYES_SPAM";
    spam = true;
  }}
}}
"""

# Modules that ask the network, wait for it, or keep what they saw of one mail for another.
_OFF = (
    "antivirus arc asn aws_s3 bimi clickhouse dcc dkim dkim_signing dmarc elastic "
    "external_relay external_services fuzzy_check greylist history_redis metadata_exporter "
    "metric_exporter mx_check neural p0f ratelimit rbl replies reputation rspamd_update "
    "spamassassin spf surbl url_redirector"
).split()


class _Rspamd(DaemonPeer):
    needs = (("rspamd", "rspamd"), ("redis-server", "redis-server"))

    def __init__(self, folder: Path, timeout: float) -> None:
        super().__init__(folder, timeout)
        self._judge_port, self._learn_port = _free_ports()

    def start(self) -> None:
        """Start Redis and Rspamd, and wait until they listen."""
        (self.folder / "redis.conf").write_text(_REDIS.format(folder=self.folder))
        self.launch("redis-server", "redis.conf")
        _wait(lambda: (self.folder / "redis.sock").exists())
        self.launch(
            "rspamd",
            "--no-fork",
            # Else it refuses to run as root, which the user of a container often is.
            *(["--insecure"] if os.geteuid() == 0 else []),
            f"--config={self.configure()}",
            *(f"--var={name}={self.folder}" for name in _FOLDERS),
        )
        _wait(lambda: _listens(self._judge_port) and _listens(self._learn_port))

    def configure(self) -> Path:
        """Write its configuration and return the main file."""
        raise NotImplementedError

    def _ask(self, port: int, path: str, data: bytes) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=self.timeout)
        try:
            connection.request("POST", path, data, _HEADERS)
            response = connection.getresponse()
            answer = json.loads(response.read() or b"{}")
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = self.said("rspamd")
            raise PeerError(f"rspamd did not answer {path}: {error}: {said}") from error
        finally:
            connection.close()
        return response.status, answer

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        status, answer = self._ask(self._learn_port, f"/learn{label}", data)
        if status not in _LEARNED:
            raise PeerError(f"rspamd did not learn: {status} {answer}")

    def scan(self, data: bytes) -> dict[str, Any]:
        """Return what it says of a mail."""
        status, answer = self._ask(self._judge_port, "/checkv2", data)
        if status != http.HTTPStatus.OK or "score" not in answer:
            raise PeerError(f"rspamd did not judge: {status} {answer}")
        return answer

    def versions(self) -> dict[str, str]:
        """Return the versions of Rspamd and Redis."""
        return {
            "rspamd": _output("rspamd", "--version").split()[-1],
            "redis": _output("redis-server", "--version").partition("v=")[2].split()[0],
        }


class RspamdBayes(_Rspamd):
    """Its Bayes alone, taught every mail."""

    name = "rspamd"
    title = "Rspamd, Bayes only"
    note = (
        "spam where Bayes says more than one half; Bayes speaks from the first spam and ham on; "
        "where its score rounds to 0 or 1, its tail probabilities rank"
    )
    #: Whether it logs what its tail probabilities are made of, which takes time.
    exact: ClassVar[bool] = True

    def configure(self) -> Path:
        """Write a configuration with nothing but Bayes."""
        path = self.folder / "rspamd.conf"
        path.write_text(
            _BAYES_ONLY.format(
                no_network=_NO_NETWORK,
                logging=_LOGGING + (_EXACT if self.exact else ""),
                judge=_bind(self._judge_port),
                learn=_bind(self._learn_port),
                weight=_WEIGHT,
                classifier=_CLASSIFIER.format(folder=self.folder),
            )
        )
        return path

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        symbols = self.scan(data)["symbols"]
        # Each symbol's share of its weight is how far the probability is from one half, doubled.
        share = sum(symbols.get(name, {}).get("score", 0.0) for name in _SYMBOLS) / _WEIGHT
        probability = min(1.0, max(0.0, (1 + share) / 2))
        tails = self._log_tails()
        if tails is None:
            return Judgement(share > 0, logit(probability))
        return Judgement(share > 0, fisher_log_odds(probability, 1 - probability, *tails))

    def learn(self, data: bytes, label: str) -> None:
        """Learn a mail."""
        super().learn(data, label)
        self._log_tails()

    def _log_tails(self) -> tuple[float, float] | None:
        """Return the logarithms of the tail probabilities, from the log, and empty that."""
        if not self.exact:
            return None
        log = self.folder / "rspamd.log"
        found = _TAILS.findall(log.read_bytes())
        os.truncate(log, 0)
        if not found or not int(found[-1][2]):
            return None
        for_ham, for_spam = (-float(field) for field in found[-1][:2])
        count = int(found[-1][2])
        return log_tail(for_ham, count), log_tail(for_spam, count)


class RspamdFull(_Rspamd):
    """All of the package's rules that need no network, and Bayes."""

    name = "rspamd-full"
    title = "Rspamd, full local rules + Bayes"
    log_odds = False
    note = (
        "network off, the settings of the Debian package without DATE_IN_PAST; spam where it would "
        "add a header; Bayes speaks from the first spam and ham on"
    )

    @classmethod
    def missing(cls) -> list[str]:
        """Return what has to be installed, the settings included."""
        settings = [] if _SETTINGS.exists() else [f"{_SETTINGS} (Debian package rspamd)"]
        return super().missing() or settings

    def configure(self) -> Path:
        """Write what differs from the package's settings."""
        local = self.folder / "local.d"
        override = self.folder / "override.d"
        for folder in (local, override):
            folder.mkdir()
        (local / "classifier-bayes.conf").write_text(_CLASSIFIER.format(folder=self.folder))
        (override / "options.inc").write_text(_NO_NETWORK)
        (override / "logging.inc").write_text(_LOGGING)
        (override / "worker-normal.inc").write_text(_bind(self._judge_port))
        (override / "worker-controller.inc").write_text(_bind(self._learn_port))
        (override / "worker-proxy.inc").write_text("enabled = false;\n")
        for module in _OFF:
            (override / f"{module}.conf").write_text("enabled = false;\n")
        return _SETTINGS

    def judge(self, data: bytes) -> Judgement:
        """Judge a mail."""
        answer = self.scan(data)
        return Judgement(answer["action"] in _SPAM_ACTIONS, float(answer["score"]))


def _bind(port: int) -> str:
    return (
        f'bind_socket = "127.0.0.1:{port}";\ncount = 1;\nmime = true;\n'
        'secure_ip = "127.0.0.1";\npassword = "q1";\n'
    )


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for opened in (one, other):
            opened.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1.0):
            return True
    except OSError:
        return False


def _wait(ready: Callable[[], bool]) -> None:
    until = time.monotonic() + _START_SECONDS
    while not ready():
        if time.monotonic() > until:
            raise PeerError(f"a daemon was not ready within {_START_SECONDS:g} s")
        time.sleep(0.1)


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout
