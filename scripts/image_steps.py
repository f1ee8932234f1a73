"""Take the steps of the Dockerfile without an engine, in a chroot of Debian, as root.

    python scripts/image_steps.py FOLDER [--target server] [--arg TRAIN=gpu]

FOLDER is a Debian with python3 and python3-venv, as `debootstrap` makes it; it stands for the
image that the stages begin from, and each stage gets a copy of it. COPY, RUN, ENV, ARG, WORKDIR and
USER are done as an engine would; COPY takes what is under version control. What only engines do,
layers, volumes, ports and limits, is not tried.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent


@dataclass
class Stage:
    """A stage: its folder, and what its steps have set."""

    root: Path
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "/"
    user: str = "root"

    def run(self, command: str | list[str]) -> None:
        """Run a command in the stage, as its user, with nothing of the environment outside."""
        words = ["/bin/sh", "-ec", command] if isinstance(command, str) else command
        path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        # What lies between this machine and an index is its own business.
        ours = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        variables = {"PATH": path, "HOME": "/root", **ours, **self.variables}
        variables = {name: value.replace("$PATH", path) for name, value in variables.items()}
        settings = [f"{name}={value}" for name, value in variables.items()]
        to = ["--userspec", f"{self.user}:{self.user}"] if self.user != "root" else []
        subprocess.run(
            [
                *("chroot", *to, str(self.root), "/usr/bin/env", "-i", *settings, "/bin/sh", "-ec"),
                'cd "$0" && exec "$@"',
                self.folder,
                *words,
            ],
            check=True,
        )


def instructions(text: str) -> Iterator[tuple[str, str]]:
    r"""Yield each instruction of a Dockerfile with its argument.

    Examples
    --------
    >>> list(instructions("# why\nFROM a AS b\nRUN one \\\n && two\n"))
    [('FROM', 'a AS b'), ('RUN', 'one  && two')]
    """
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            word, _, rest = line.strip().partition(" ")
            yield word, rest.strip()


def copied(source: str) -> list[str]:
    """Return the files of a COPY from the context: those under version control."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", source],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name]


def copy(stage: Stage, argument: str, stages: dict[str, Stage]) -> None:
    """Do a COPY."""
    words = shlex.split(argument)
    options = dict(one.removeprefix("--").split("=", 1) for one in words if one.startswith("--"))
    *sources, target = [one for one in words if not one.startswith("--")]
    place = stage.root / (Path(stage.folder) / target).as_posix().lstrip("/")
    for source in sources:
        if origin := options.get("from"):
            place.mkdir(parents=True, exist_ok=True)
            subprocess.run(["cp", "-a", f"{stages[origin].root}{source}/.", place], check=True)
            continue
        for name in copied(source):
            inner = Path(name).relative_to(source) if (ROOT / source).is_dir() else Path(name).name
            to = place / inner
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to)
    if owner := options.get("chown"):
        subprocess.run(["chown", "-R", owner, place], check=True)


def build(base: Path, target: str, given: dict[str, str]) -> Stage:
    """Take the steps up to the end of a stage, and return it."""
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    wanted = needed(target)
    for word, argument in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        if word == "FROM":
            origin, _, name = argument.partition(" AS ")
            stage = None
            if name not in wanted:
                continue
            root = base.parent / f"{base.name}-{name}"
            shutil.rmtree(root, ignore_errors=True)
            begun = stages.get(origin)
            subprocess.run(["cp", "-a", begun.root if begun else base, root], check=True)
            stage = stages[name] = Stage(root, dict(begun.variables) if begun else {})
            stage.folder = begun.folder if begun else "/"
            print(f"== {name}", flush=True)
        elif stage is not None:
            print(f"-- {word} {argument[:90]}", flush=True)
            step(stage, word, argument, stages, given)
    return stages[target]


def needed(target: str) -> set[str]:
    """Return a stage and those that it is made from."""
    stages, name = {}, ""
    for word, argument in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        if word == "FROM":
            origin, _, name = argument.partition(" AS ")
            stages[name] = {origin}
        elif word == "COPY" and (found := re.search(r"--from=(\S+)", argument)):
            stages[name].add(found[1])
    wanted, more = set(), {target}
    while more:
        wanted |= more
        more = {one for name in more for one in stages[name] if one in stages} - wanted
    return wanted


def step(
    stage: Stage, word: str, argument: str, stages: dict[str, Stage], given: dict[str, str]
) -> None:
    """Take one step."""
    if word == "RUN":
        stage.run(argument)
    elif word == "COPY":
        copy(stage, argument, stages)
    elif word == "WORKDIR":
        stage.folder = argument
        (stage.root / argument.lstrip("/")).mkdir(parents=True, exist_ok=True)
    elif word == "ENV":
        stage.variables |= dict(one.split("=", 1) for one in shlex.split(argument))
    elif word == "ARG":
        name, _, default = argument.partition("=")
        stage.variables[name] = given.get(name, default)
    elif word == "USER":
        stage.user = argument


def main() -> None:
    """Build, then run what is asked for in what was built."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--target", default="server")
    parser.add_argument("--arg", action="append", default=[], help="a build argument, NAME=VALUE")
    parser.add_argument("--then", default="chaffinch --version", help="what is run there at last")
    options = parser.parse_args()
    given = dict(one.split("=", 1) for one in options.arg)
    stage = build(options.folder.resolve(), options.target, given)
    size = subprocess.run(
        ["du", "-sm", stage.root / "opt/chaffinch"], capture_output=True, text=True, check=True
    )
    print(f"/opt/chaffinch: {size.stdout.split()[0]} MB", flush=True)
    stage.run(options.then)


if __name__ == "__main__":
    main()
