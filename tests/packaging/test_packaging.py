"""What a release is made of: versions that agree, locks that hold, archives, an image's steps."""

from __future__ import annotations

import re
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import chaffinch
import image_steps
import lock
import package
import terminal
from markdown_pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def pinned(name: str) -> dict[str, list[str]]:
    """Return the versions of each package of a lock."""
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    for package_, version in re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(package_), []).append(version)
    return found


def test_versions_agree() -> None:
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {chaffinch.__version__}\n" in cited
    assert re.fullmatch(r"\d+\.\d+\.\d+", chaffinch.__version__)


@pytest.mark.parametrize("name", lock.EXTRAS)
def test_a_lock_holds_what_the_project_asks_for(name: str) -> None:
    wanted = [
        *PROJECT["dependencies"],
        *(one for extra in lock.EXTRAS[name] for one in EXTRAS[extra]),
    ]
    versions = pinned(name)
    for text in wanted:
        requirement = Requirement(text)
        if requirement.name == PROJECT["name"]:
            continue  # its extras are those of the lock
        found = versions.get(canonicalize_name(requirement.name), [])
        assert found, f"locks/{name}.txt lacks {text}: run `make lock`"
        assert all(map(requirement.specifier.contains, found)), f"{text}: run `make lock`"


@pytest.mark.parametrize("path", sorted((ROOT / "locks").iterdir()), ids=lambda path: path.name)
def test_a_lock_has_hashes_and_names_no_place(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert "://" not in text
    assert "--index" not in text
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.MULTILINE)[1:]
    assert len(entries) > 1
    assert all("--hash=sha256:" in entry for entry in entries)


def test_what_is_wrong_with_an_archive_is_told() -> None:
    files = {"src/chaffinch/__init__.py", "src/chaffinch/models/_kernel.pyx"}
    kernel = "chaffinch/models/_kernel.cpython-311-x86_64-linux-gnu.so"
    meta = "chaffinch-1.dist-info/licenses/LICENSE"
    assert package.faults_of_wheel({"chaffinch/__init__.py", kernel, meta}, files) == []
    assert package.faults_of_wheel({kernel, "chaffinch/left.py", "tests/a.py"}, files) == [
        "wheel lacks chaffinch/__init__.py",
        "wheel holds chaffinch/left.py",
        "wheel holds tests/a.py",
        "wheel lacks its licence",
    ]
    whole = {*package.WANTED, *files}
    assert package.faults_of_sdist(whole, files) == []
    assert package.faults_of_sdist(whole - {"LICENSE"} | {f"src/{kernel}"}, files) == [
        "sdist lacks LICENSE",
        f"sdist holds src/{kernel}",
    ]


def test_every_target_of_the_image_can_be_stepped_through() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    words = {word for word, _ in image_steps.instructions(text)}
    assert words <= {
        *("FROM", "ARG", "ENV", "RUN", "COPY", "WORKDIR", "USER"),
        *("EXPOSE", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"),
    }
    assert image_steps.needed("server") == {"server", "build"}
    assert image_steps.needed("notebooks") == {"notebooks", "build-notebooks", "build"}
    for word, argument in image_steps.instructions(text):
        if word == "COPY" and "--from" not in argument:
            sources = [one for one in argument.split()[:-1] if not one.startswith("--")]
            assert all((ROOT / one).exists() for one in sources), argument


def test_what_notebooks_look_for_beside_them_is_in_their_image() -> None:
    steps = image_steps.instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    copied = [argument.split() for word, argument in steps if word == "COPY"]
    sources = {one for words in copied for one in words[:-1] if not one.startswith("--")}
    admitted = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    beside = {
        path
        for source in (ROOT / "notebooks").glob("*.md")
        for path in re.findall(r"\.\./([\w./-]+\w)", source.read_text(encoding="utf-8"))
    }
    assert "benchmarks/results/digits_ladder.json" in beside
    for path in beside:
        places = {path, *map(str, Path(path).parents)}
        assert places & sources, f"the Dockerfile does not COPY {path}"
        assert {f"!{place}" for place in places} & set(admitted), f".dockerignore drops {path}"


def test_an_image_runs_as_nobody_special() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    for target in ("server", "notebooks"):
        stage = re.split(rf"^FROM \S+ AS {target}$", text, flags=re.MULTILINE)[1]
        stage = re.split(r"^FROM ", stage, flags=re.MULTILINE)[0]
        assert re.search(r"^USER 1000$", stage, re.MULTILINE)


def test_the_moving_picture_shows_what_was_said() -> None:
    lines = [terminal.Line("chaffinch <&>", 0.5, typed=True), terminal.Line("a: spam, b <c>", 1.0)]
    drawn = "".join(ET.fromstring(terminal.draw(lines, 3.0)).itertext())
    assert "chaffinch <&>" in drawn
    assert "a: spam, b <c>" in drawn
    picture = (ROOT / "docs" / "terminal.svg").read_text(encoding="utf-8")
    shown = "".join(ET.fromstring(picture).itertext())
    assert all(command in shown for command, _ in terminal.SCENES), "run `make picture`"
    assert len(picture) < 300_000
