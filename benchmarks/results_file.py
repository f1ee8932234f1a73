"""Where benchmarks write what they measured."""

from __future__ import annotations

import json
import platform
import time
from pathlib import Path
from typing import Any

import numpy as np
import sklearn

import chaffinch
from chaffinch.compiled import in_use

RESULTS = Path(__file__).parent / "results"


def write(name: str, measured: dict[str, Any]) -> None:
    """Write what was measured, with what it was measured by, and when."""
    about = {
        "chaffinch": chaffinch.__version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scikit-learn": sklearn.__version__,
        "reader": in_use("chaffinch.readers._kernel", "chaffinch.readers.html._kernel"),
        "processor": _processor(),
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({"about": about, **measured}, indent=2) + "\n", encoding="utf-8")
    print(f"written to {path.relative_to(RESULTS.parent.parent)}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "")
