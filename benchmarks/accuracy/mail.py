"""Each rung of the ladder on the SpamAssassin corpus, in judged order, by protocol."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from accuracy.ladder import DELAY, measure
from results_file import write

if __name__ == "__main__":
    write("mail_accuracy", {"delay": DELAY, "protocols": measure("spamassassin")})
