"""Build wheel and sdist into dist/, check them as an index would, and look at what they hold."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
#: What no archive may hold, by suffix: what a compiler or an interpreter made, and, of sources,
#: compiled kernels.
MADE = {".pyc", ".c", ".o"}
#: What an sdist has to hold beside the package, for whoever builds, tests or cites it.
WANTED = (
    "LICENSE README.md CHANGELOG.md CITATION.cff SECURITY.md pyproject.toml setup.py Makefile "
    "conftest.py tests/conftest.py docs/concepts.md docs/conf.py examples/1-4u.eml scripts/docs.py "
    "Dockerfile .dockerignore compose.yaml binder/requirements.txt notebooks/classroom.py "
    "benchmarks/results/digits_ladder.json"
).split()


def build() -> None:
    """Make both archives from what is checked out, in fresh environments."""
    shutil.rmtree(DIST, ignore_errors=True)
    # What an earlier version left behind would go into the wheel.
    shutil.rmtree(ROOT / "build" / "lib", ignore_errors=True)
    subprocess.run([sys.executable, "-m", "build", "--outdir", DIST, ROOT], check=True)
    archives = sorted(DIST.iterdir())
    subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *archives], check=True)


def tracked() -> set[str]:
    """Return the files of the package, as git knows them."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "src"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return {name for name in listed.stdout.split("\0") if name}


def faults_of_sdist(names: set[str], package: set[str]) -> list[str]:
    """Return what is wrong with an sdist that holds these files, told as one line each.

    Parameters
    ----------
    names : set of str
        Its files, relative to its own folder.
    package : set of str
        The files of the package that are under version control, ``src/...``.
    """
    faults = [f"sdist lacks {name}" for name in sorted({*WANTED, *package} - names)]
    bad = MADE | {".so", ".pyd"}
    faults += [f"sdist holds {name}" for name in sorted(names) if PurePosixPath(name).suffix in bad]
    return faults


def faults_of_wheel(names: set[str], package: set[str]) -> list[str]:
    """Return what is wrong with a wheel that holds these files, told as one line each."""
    wanted = {name.removeprefix("src/") for name in package if not name.endswith(".pyx")}
    faults = [f"wheel lacks {name}" for name in sorted(wanted - names)]
    for name in sorted(names - wanted):
        path = PurePosixPath(name)
        kernel = (
            path.suffix in (".so", ".pyd")
            and f"src/{path.parent}/{path.stem.split('.')[0]}.pyx" in package
        )
        if not kernel and not path.parts[0].endswith(".dist-info"):
            faults.append(f"wheel holds {name}")
    if not any("/licenses/LICENSE" in name for name in names):
        faults.append("wheel lacks its licence")
    return faults


def main() -> int:
    """Build, check, and return 1 where something is wrong."""
    build()
    package = tracked()
    (sdist,), (wheel,) = DIST.glob("*.tar.gz"), DIST.glob("*.whl")
    with tarfile.open(sdist) as tar:
        inside = {one.name.partition("/")[2] for one in tar if one.isfile()}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if not name.endswith("/")}
    faults = faults_of_sdist(inside, package) + faults_of_wheel(held, package)
    for fault in faults:
        print(fault, file=sys.stderr)
    for path in (sdist, wheel):
        print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e6:.1f} MB")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
