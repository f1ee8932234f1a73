from __future__ import annotations

import os
import subprocess
import sys

LINES = """
from chaffinch.servers.log import say
for number in range(300):
    say("x" * 99, number=number)
print("on")
"""


def test_a_log_that_cannot_be_written_stops_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    # Nobody reads it; on a disk that is full it is the same to who writes.
    done = subprocess.run(
        [sys.executable, "-c", LINES], stdout=subprocess.PIPE, stderr=write, check=False
    )
    os.close(write)
    assert done.stdout == b"on\n"
