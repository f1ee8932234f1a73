"""Make notebooks/*.ipynb from their sources beside them, *.md, and execute them.

With --check nothing is executed or written: it is only looked whether each notebook is what its
source makes, and was executed from its first cell to its last.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

import chaffinch

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "notebooks"
#: Seconds of a processor that a notebook may take.
LIMIT = 180
# Seconds by the clock after which a cell is taken to hang, on however busy a machine.
_HANGS = 600
#: Bytes that a notebook may have, with its pictures and sounds.
LARGEST = 1_000_000

_FETCH = """\
from pathlib import Path

if not Path("classroom.py").exists():
    !git clone --quiet --depth 1 {url} chaffinch
    %cd chaffinch/notebooks
"""
_SETUP = """\
# Run this cell first: it installs Chaffinch where it is not there yet, which takes a minute or two.
import importlib.util

{fetch}if importlib.util.find_spec("chaffinch") is None:
    %pip install --quiet "../[digits,report,words]" mlxtend

import classroom

classroom.begin()"""
# Refuses any way to another machine, for the kernel and whatever Python it starts.
_OFFLINE = """\
import sys


def _refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        where = arguments[1] if event != "socket.getaddrinfo" else arguments
        host = where[0] if isinstance(where, tuple) else "localhost"
        if host not in ("127.0.0.1", "::1", "localhost", None):
            raise OSError(f"notebooks do without a network, and this one asks for {host}")


sys.addaudithook(_refuse)
"""


def sources() -> list[Path]:
    """Return the sources, in the order in which they are read."""
    return sorted(FOLDER.glob("[0-9]-*.md"))


def repository() -> str:
    """Return where the project is kept, as pyproject.toml says; empty where it says nothing."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project.get("urls", {}).get("Repository", "")).removesuffix("/")


def badge(name: str, url: str) -> str:
    """Return what opens a notebook in Colab, and all of them in Binder.

    Parameters
    ----------
    name : str
        The notebook's file.
    url : str
        Where the project is kept; elsewhere than at GitHub neither can open it, and it is empty.

    Examples
    --------
    >>> badge("0-a.ipynb", "https://example.org/chaffinch")
    ''
    """
    host, _, place = url.partition("github.com/")
    if host != "https://" or not place:
        return ""
    colab = f"https://colab.research.google.com/github/{place}/blob/main/notebooks/{name}"
    binder = f"https://mybinder.org/v2/gh/{place}/main?urlpath=lab/tree/notebooks/{name}"
    return (
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) "
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    )


def made(source: Path) -> Any:
    """Return the notebook that a source makes, not executed."""
    notebook = jupytext.read(source, fmt="md")
    url = repository()
    fetch = _FETCH.format(url=url) if url else ""
    first = notebook.cells[0]
    if shown := badge(source.with_suffix(".ipynb").name, url):
        title, _, rest = first.source.partition("\n")
        first.source = f"{title}\n\n{shown}\n{rest}"
    # After what the notebook is about, before what it does.
    about, begins, rest = first.source.partition("\n## ")
    first.source = about.rstrip()
    setup = nbformat.v4.new_code_cell(_SETUP.format(fetch=fetch))
    notebook.cells[1:1] = [setup, nbformat.v4.new_markdown_cell(f"{begins}{rest}".lstrip())]
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        if "solution" in cell.metadata.get("tags", ()):
            # JupyterLab and Colab each have their own word for a cell that is folded.
            cell.metadata.update(jupyter={"source_hidden": True}, cellView="form")
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    return notebook


def execute(notebook: Any) -> float:
    """Execute a notebook in place, without a network.

    Returns
    -------
    float
        How many seconds of a processor it took.

    Raises
    ------
    CellExecutionError
        If a cell fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "sitecustomize.py").write_text(_OFFLINE, encoding="utf-8")
        package = str(Path(chaffinch.__file__).resolve().parent.parent)
        paths = [folder, package, os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
        client = NotebookClient(
            notebook,
            timeout=_HANGS,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": str(FOLDER)}},
        )
        began = _spent()
        client.execute(env=environment)
    notebook.metadata["language_info"] = {"name": "python"}
    return _spent() - began


def _spent() -> float:
    """Return the seconds of a processor that programs took which this one started, and ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def told(notebook: Any) -> list[tuple[str, str, dict[str, Any]]]:
    """Return what a source decides of a notebook: its cells, without what came of them."""
    return [(cell.cell_type, cell.source, dict(cell.metadata)) for cell in notebook.cells]


def structure(notebook: Any) -> list[tuple[int | None, list[list[str]]]]:
    """Return of each code cell its number and the kinds of its outputs, which do not vary."""
    return [
        (cell.execution_count, kinds(cell.outputs))
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def kinds(outputs: Any) -> list[list[str]]:
    """Return what each output is; text that is written bit by bit counts once, a warning not."""
    found: list[list[str]] = []
    for output in outputs:
        kind = [output.output_type, output.get("name", ""), *sorted(output.get("data", {}))]
        again = kind[0] == "stream" and found and found[-1] == kind
        if not again and output.get("name") != "stderr":
            found.append(kind)
    return found


def faults(source: Path) -> list[str]:
    """Return what is wrong with the notebook beside a source, as it is kept."""
    path = source.with_suffix(".ipynb")
    if not path.exists():
        return ["it was never made"]
    if path.stat().st_size > LARGEST:
        return [f"it has more than {LARGEST:,} bytes"]
    kept = nbformat.read(path, as_version=4)
    nbformat.validate(kept)
    found = []
    if told(kept) != told(made(source)):
        found.append(f"it is not what {source.name} makes")
    numbers = [number for number, _ in structure(kept)]
    if numbers != list(range(1, len(numbers) + 1)):
        found.append("it was not executed from its first cell to its last")
    if any(kind[0] == "error" for _, outputs in structure(kept) for kind in outputs):
        found.append("it holds an error")
    if str(ROOT) in path.read_text(encoding="utf-8"):
        found.append("it names a folder of the machine that it was made on")
    return found


def main() -> int:
    """Make the notebooks, or look whether they are current."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="beginnings of names, as 7; by default all")
    parser.add_argument("--check", action="store_true", help="execute and write nothing")
    given = parser.parse_args()
    wanted = tuple(given.names) or ("",)
    failed = 0
    for source in sources():
        if not source.name.startswith(wanted):
            continue
        path = source.with_suffix(".ipynb")
        if given.check:
            for fault in faults(source):
                failed = 1
                print(f"notebooks/{path.name}: {fault}: run 'make notebooks'", file=sys.stderr)
            continue
        notebook = made(source)
        seconds = execute(notebook)
        nbformat.write(notebook, path)
        print(f"notebooks/{path.name}: {seconds:.0f} CPU s, {path.stat().st_size / 1000:.0f} kB")
    return failed


if __name__ == "__main__":
    sys.exit(main())
