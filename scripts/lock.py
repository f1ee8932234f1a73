"""Write locks/: each package with its version and hashes, as the images install them.

A lock names no index: where packages come from is the business of whoever installs them.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCKS = ROOT / "locks"
#: Which extras each lock has, beside the base.
EXTRAS = {
    "server": ("digits", "words", "servers", "imap", "dkim"),
    "notebooks": ("notebooks",),
    "gpu": ("notebooks", "train"),
}
_HEAD = "# Written by `make lock`: change pyproject.toml, and run that again.\n"


def compile_lock(name: str, *what: str, stdin: str | None = None) -> None:
    """Resolve requirements for every Python and platform that there is, and write the lock."""
    resolved = subprocess.run(
        [
            *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--universal"),
            *("--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"),
            *("--no-emit-find-links", "--no-header", "--no-annotate", *what),
        ],
        cwd=ROOT,
        input=stdin,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    LOCKS.mkdir(exist_ok=True)
    (LOCKS / f"{name}.txt").write_text(_HEAD + resolved.stdout, encoding="utf-8")


def main() -> None:
    """Write all locks anew, with the newest versions that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    compile_lock("build", "-", stdin="\n".join(project["build-system"]["requires"]))
    for name, extras in EXTRAS.items():
        chosen = [word for extra in extras for word in ("--extra", extra)]
        compile_lock(name, *chosen, "pyproject.toml")


if __name__ == "__main__":
    main()
