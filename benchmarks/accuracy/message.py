"""Each rung of the ladder on two sets of SMS, in judged order, by protocol."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from accuracy.ladder import DELAY, measure
from results_file import write

if __name__ == "__main__":
    sets = {name: measure(name) for name in ("sms", "sms_indonesian")}
    write("message_accuracy", {"delay": DELAY, "sets": sets})
