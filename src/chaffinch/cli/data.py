"""The verbs of public data sets: what there is, and getting it."""

from __future__ import annotations

import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from chaffinch.cli.common import Json, console, note, print_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chaffinch.datasets import DataSet
    from chaffinch.datasets.download import Progress

app = typer.Typer(help="Get public data sets, known by name.", no_args_is_help=True)


@app.command("get")
def get_set(
    name: Annotated[str, typer.Argument(help="A name that 'data list' lists.", metavar="NAME")],
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Fetch it anew, even if it is in the cache.")
    ] = False,
    json: Json = False,
) -> None:
    """Get a public data set, and print where it is.

    A local copy in $CHAFFINCH_DATA comes first, then the cache, then the official source.

    Example: chaffinch data get spamassassin

    Example: chaffinch data get mnist
    """
    from chaffinch.datasets import find, get
    from chaffinch.datasets.cache import sum_of

    dataset = find(name)
    with _progress_bar() as progress:
        path = get(name, refresh=refresh, progress=progress)
    if json:
        print_json({"name": name, "path": str(path), "verified": dataset.verified})
        return
    if not dataset.verified:
        told = f"{dataset.title} could not be checked while Chaffinch was built: no checksum"
        note(f"{told}; its SHA-256 is {sum_of(path)}" if path.is_file() else told)
    print(path)


@app.command("list")
def list_sets(
    name: Annotated[
        str | None, typer.Argument(help="Tell all about this one only.", metavar="NAME")
    ] = None,
    json: Json = False,
) -> None:
    """List the public data sets for the tasks that there are, or tell all about one.

    Example: chaffinch data list spamassassin
    """
    from chaffinch.datasets import CATALOGUE, describe, find
    from chaffinch.task import TASKS

    usable = [dataset for dataset in CATALOGUE.values() if dataset.task in TASKS]
    if json:
        described = [describe(dataset) for dataset in usable]
        print_json(described if name is None else describe(find(name)))
    elif name is None:
        _print_table(usable)
    else:
        _print_one(find(name))


def _print_table(datasets: Iterable[DataSet]) -> None:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1))
    for heading in ("name", "task"):
        table.add_column(heading, no_wrap=True)
    for heading in ("items", "size"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("licence", overflow="fold")
    table.add_column("verified", no_wrap=True)
    for dataset in datasets:
        items = "?" if dataset.items is None else f"{dataset.items:,}"
        verified = "yes" if dataset.verified else "no"
        row = (dataset.name, dataset.task, items, _size(dataset), dataset.licence, verified)
        table.add_row(*row)
    console().print(table)


def _print_one(dataset: DataSet) -> None:
    urls = [file.urls[0] for file in dataset.files]
    if dataset.package is not None:
        urls.append(f"npm: {dataset.package.name}")
    told = {
        "name": dataset.name,
        "title": dataset.title,
        "task": dataset.task,
        "items": "?" if dataset.items is None else f"{dataset.items:,}",
        "size": _size(dataset),
        "licence": dataset.licence,
        "verified": "yes" if dataset.verified else "no",
        "citation": dataset.citation,
        "homepage": dataset.homepage,
        "note": dataset.note,
        "sources": "\n".join(urls),
    }
    for field, value in told.items():
        # An address is not folded: nobody could open it.
        lines = value.splitlines() if field == "sources" else textwrap.wrap(value, 69)
        print("\n          ".join([f"{field:9} {(lines or [''])[0]}", *lines[1:]]))


def _size(dataset: DataSet) -> str:
    return "?" if dataset.download is None else f"{dataset.download / 1e6:,.1f} MB"


@contextmanager
def _progress_bar() -> Iterator[Progress | None]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TransferSpeedColumn(), console=console, transient=True) as bar:
        task = bar.add_task("looking", total=None)

        def progress(name: str, done: int, total: int | None) -> None:
            bar.update(task, description=name, completed=done, total=total)

        yield progress
