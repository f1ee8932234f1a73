from __future__ import annotations

import platform
import subprocess
import sys

import pytest

LINES = """
import numpy as np
from pathlib import Path
from chaffinch.servers.memory import give_back_large

def held():
    return int(Path("/proc/self/status").read_text().partition("RssAnon:")[2].split()[0])

{call}
before = held()
for _ in range(2):
    first = np.ones(4 << 20, np.float32)
    above = [bytes(1000) for _ in range(1000)]
    del first
print(held() - before < 8192)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="it is glibc that keeps memory")
@pytest.mark.parametrize(("call", "gone"), [("give_back_large()", b"True"), ("", b"False")])
def test_what_a_model_held_is_given_back(call: str, gone: bytes) -> None:
    command = [sys.executable, "-c", LINES.format(call=call)]
    assert subprocess.run(command, capture_output=True, check=True).stdout.strip() == gone
