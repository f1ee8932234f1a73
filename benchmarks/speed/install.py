"""How large an install is, and how long it takes: for each Python there is, in a fresh environment.

Nothing is taken from a cache: what is timed is to fetch and unpack all that `pip install
'chaffinch[digits,words]'` brings, from a wheel that was built before, and for pip to compile it to
bytecode, which uv leaves to whoever imports it. Then a mail, a picture and a recording are judged
there by the models that ship, and the size is what is there after that. A last row is built as
where there is no C compiler. CPU seconds do not depend on the network, seconds by the clock do.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import time
import wave
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from results_file import write

ROOT = Path(__file__).parent.parent.parent
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
EXTRAS = "digits,words"
# What each installer is told, beside what to install.
INSTALLERS = {
    "pip": ["{python}", "-m", "pip", "install", "--quiet", "--no-cache-dir"],
    "uv": [
        *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--no-cache"),
        *("--link-mode", "copy", "--python", "{python}"),
    ],
}


def pythons() -> list[tuple[str, str]]:
    """Return the versions of Python that are here, and where."""
    found = []
    for version in VERSIONS:
        path = shutil.which(f"python{version}")
        if path and _run([path, "--version"], check=False) == 0:
            found.append((version, path))
    return found


def _run(words: list[str], *, check: bool = True, more: dict[str, str] | None = None) -> int:
    # Without what is on the path of whoever measures, which would count as installed, and with the
    # bytecode that an import leaves.
    ours = {"PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    environment = {name: value for name, value in os.environ.items() if name not in ours}
    quiet = subprocess.run(
        words, env=environment | (more or {}), capture_output=True, text=True, check=False
    )
    if check and quiet.returncode:
        raise SystemExit(f"{' '.join(words)}: {quiet.stderr[-2000:]}")
    return quiet.returncode


def measure(python: str, folder: Path, installer: str, **more: str) -> dict[str, Any]:
    """Build a wheel, install it in a fresh environment, and let it judge."""
    venv, wheels = folder / "venv", folder / "wheels"
    _run([python, "-m", "venv", str(venv)])
    ours = str(venv / "bin" / "python")
    bare = _megabytes(venv)
    source = folder / "source"
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if name.startswith("src/") or "/" not in name:
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    wheel = [ours, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(wheels)]
    _run([*wheel, str(source)], more=more)
    (built,) = wheels.glob("*.whl")
    install = [word.format(python=ours) for word in INSTALLERS[installer]]
    clock, used = time.monotonic(), _children()
    _run([*install, f"{built}[{EXTRAS}]"])
    seconds, cpu_seconds = time.monotonic() - clock, _children() - used
    _judge(str(venv / "bin" / "chaffinch"), folder)
    return {
        "installer": installer,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu_seconds, 1),
        "megabytes": round(_megabytes(venv) - bare),
        "wheel_megabytes": round(built.stat().st_size / 1e6, 1),
        "kernels": any(venv.rglob("chaffinch/**/*.so")),
    }


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _megabytes(folder: Path) -> float:
    return sum(one.lstat().st_blocks * 512 for one in folder.rglob("*")) / 1e6


def _judge(chaffinch: str, folder: Path) -> None:
    """Let the models that ship judge one of each."""
    recording = folder / "said.wav"
    with wave.open(str(recording), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(8000) + bytes(range(256)) * 30 + bytes(8000))
    home = str(folder / "home")
    examples = ROOT / "examples"
    for task, item in (
        ("mail", examples / "1-4u.eml"),
        ("digits", examples / "4-postcode.png"),
        ("words", recording),
    ):
        _run([chaffinch, "predict", task, str(item)], more={"CHAFFINCH_HOME": home})


def main() -> None:
    """Measure, and write results/install.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-results", action="store_true", help="a trial")
    options = parser.parse_args()
    rows = []
    found = pythons()
    for (version, path), installer in product(found, INSTALLERS):
        with TemporaryDirectory() as folder:
            rows.append({"python": version, **measure(path, Path(folder), installer)})
            print(rows[-1], flush=True)
    with TemporaryDirectory() as folder:
        version, path = found[0]
        without = measure(path, Path(folder), "pip", CC="false", CXX="false")
        rows.append({"python": version, "compiler": False, **without})
        print(rows[-1], flush=True)
    if not options.no_results:
        write("install", {"extras": EXTRAS, "measured": rows})


if __name__ == "__main__":
    main()
