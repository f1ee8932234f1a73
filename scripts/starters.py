"""Train the starter models that ship with the package, each from public data sets.

Usage: ``python scripts/starters.py [TASK ...]``. Afterwards measure them (benchmarks/accuracy) and
bring the model cards beside them up to date.
"""

from __future__ import annotations

import sys

from chaffinch.datasets import get
from chaffinch.experience.gather import gather
from chaffinch.experience.importers import open_source
from chaffinch.loop.starter import make_starter
from chaffinch.task import get_task

#: What may be learned from and shipped, by task: see the model cards.
SOURCES = {"mail": ("spamassassin",), "message": ("sms_indonesian", "sms")}
_VERSION = "1"


def main() -> None:
    """Train and write."""
    for name in sys.argv[1:] or SOURCES:
        task = get_task(name)
        path = task.ladder[-1].starter
        if path is None:
            raise SystemExit(f"the top rung of {name} takes no starter")
        streams = [
            list(gather(task, [open_source(get(source))], skipped=print))
            for source in SOURCES[name]
        ]
        count = make_starter(task, streams, path, name=f"{name}-starter-{_VERSION}")
        path.chmod(0o644)  # models of people's own mail are private, this one is not
        print(f"starter of {name}: {count:,} items, {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
