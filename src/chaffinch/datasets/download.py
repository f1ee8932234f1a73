"""Fetching a file over HTTPS: bounded in time and size, and never half a file left behind."""

from __future__ import annotations

import time
from http.client import HTTPException
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from chaffinch import __version__
from chaffinch.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPMessage, HTTPResponse
    from pathlib import Path

    Progress = Callable[[str, int, int | None], None]

MAX_BYTES = 2**30  # of a file whose size is not known
OPEN_SECONDS = 5.0  # for name, connection, TLS and the first byte together
STALL_SECONDS = 5.0  # without any byte
SLOWEST = 50_000  # bytes a second; slower than that, something holds us
_CHUNK = 2**16


def download(
    url: str, target: Path, *, limit: int = MAX_BYTES, progress: Progress | None = None
) -> None:
    """Fetch one file.

    Parameters
    ----------
    url : str
        Where it is.
    target : Path
        What to write; removed again if fetching fails.
    limit : int
        Bytes beyond which fetching is given up.
    progress : callable, optional
        Told the file's name, the bytes so far, and the bytes in all if known.

    Raises
    ------
    SourceError
        If the file cannot be fetched; its message names the host.
    OSError
        If it cannot be written.
    """
    host = urlsplit(url).hostname or url
    response = _open(url, host)
    try:
        with response, target.open("wb") as file:
            _copy(response, file, host, limit, progress)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def _copy(
    response: HTTPResponse, file: IO[bytes], host: str, limit: int, progress: Progress | None
) -> None:
    length = response.headers.get("Content-Length", "")
    total = int(length) if length.isdecimal() else None
    deadline = time.monotonic() + 30 + limit / SLOWEST
    name = urlsplit(response.url).path.rsplit("/", 1)[-1]
    done = 0
    while True:
        try:
            # Not read(), which waits for the whole chunk however slowly it drips.
            chunk = response.read1(_CHUNK)
        except (OSError, HTTPException) as error:
            raise SourceError(f"{host} stopped sending ({_reason(error)})") from error
        if not chunk:
            break
        done += len(chunk)
        if done > limit:
            raise SourceError(f"{host} sent more than the {limit} bytes expected")
        if time.monotonic() > deadline:
            raise SourceError(f"{host} sends too slowly")
        file.write(chunk)
        if progress is not None:
            progress(name, done, total)
    if total is not None and done != total:
        raise SourceError(f"{host} sent {done} of {total} bytes")


def _open(url: str, host: str) -> HTTPResponse:
    # A socket's time-out bounds neither the look-up of its name nor the number of addresses that
    # are tried in turn, so that the caller waits beside it.
    answers: SimpleQueue[HTTPResponse | Exception] = SimpleQueue()
    given_up = Event()

    def ask() -> None:
        agent = {"User-Agent": f"chaffinch/{__version__}"}
        try:
            request = Request(url, headers=agent)  # noqa: S310 - the catalogue's own
            response = build_opener(_KeepHttps).open(request, timeout=STALL_SECONDS)
        except HTTPError as error:
            error.close()
            answers.put(error)
        except (OSError, HTTPException, ValueError) as error:
            answers.put(error)
        else:
            answers.put(response)
            if given_up.is_set():
                response.close()

    Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=OPEN_SECONDS)
    except Empty:
        given_up.set()
        raise SourceError(f"{host} did not answer within {OPEN_SECONDS:g} s") from None
    if isinstance(answer, Exception):
        raise SourceError(f"{host} cannot be reached ({_reason(answer)})") from answer
    return answer


def _reason(error: Exception) -> str:
    text = str(getattr(error, "reason", error)) or type(error).__name__
    return " ".join(text.split())[:120]


class _KeepHttps(HTTPRedirectHandler):
    """Follows redirects, but for those that would leave TLS."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> Request | None:
        if req.type == "https" and urlsplit(newurl).scheme != "https":
            raise HTTPError(newurl, code, "redirected away from https", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
