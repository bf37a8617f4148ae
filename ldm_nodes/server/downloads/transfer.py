"""One attempt to fetch a file: ask, follow redirects through the gate, append what comes. Nothing is believed.

The server is asked for plain bytes and what it compresses all the same is refused, so that nothing is ever inflated.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping

import aiohttp
from aiohttp.client import ClientResponse, ClientSession
from yarl import URL

from ... import __version__
from .errors import Broken, Refused, WrongFile
from .gate import CheckedResolver, Gate
from .partial import Partial, megabytes
from .progress import Meter
from .rules import Rules
from .source import Remote, parse_url

MAX_REDIRECTS = 8
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be others soon."""
_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)


def open_session(gate: Gate) -> ClientSession:
    """Return a session whose every connection goes to an address that the gate has checked.

    No proxy of the environment is used: it would resolve names itself, where nobody checks.
    """
    return ClientSession(
        connector=aiohttp.TCPConnector(resolver=CheckedResolver(gate), use_dns_cache=False, force_close=True),
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        headers={"Accept-Encoding": "identity", "User-Agent": f"ldm_nodes/{__version__}"},
        trust_env=False,
    )


class Transfer:
    """Fetches one file.

    Args:
        remote: the file.
        part: where it goes.
        rules: how slow it may be.
        cap: the most bytes that it may have.
        meter: told how far it is.
        check_head: looks at the first piece, so that nobody waits hours for what will be refused.
    """

    def __init__(
        self,
        remote: Remote,
        part: Partial,
        rules: Rules,
        cap: int,
        meter: Meter,
        check_head: Callable[[bytes], None],
    ) -> None:
        self._remote, self._part, self._rules, self._cap, self._meter = remote, part, rules, cap, meter
        self._check_head = check_head
        self._gate = Gate(rules)

    async def run(self, session: ClientSession) -> None:
        """Ask for what is missing and append it.

        Raises:
            Broken: the connection did not last, or was too slow; another attempt may go further.
            Refused: the server does not give the file, or it may not be asked.
            WrongFile: what it gives is not the file.
            CannotWrite: the disk is full.
        """
        try:
            async with asyncio.timeout(self._rules.patience) as limit:
                response = await self._ask(session)
                async with response:
                    if self._begin(response):
                        await self._append(response, limit)
            self._meter.tell(self._part.size, self._part.total, last=True)
        except TimeoutError as error:
            raise Broken(
                f"{self._remote.url.host} sent less than {self._rules.least} bytes in {self._rules.patience:g} seconds."
            ) from error
        except aiohttp.InvalidURL as error:
            raise Refused("This address, or one that it leads to, names no host that there can be.") from error
        except aiohttp.ClientConnectorCertificateError as error:
            raise Refused(
                f"{error.host} cannot prove that it is {error.host}: its certificate is not valid."
            ) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Broken(f"The connection to {self._remote.url.host} broke: {_reason(error)}.") from error

    async def _ask(self, session: ClientSession) -> ClientResponse:
        """Return the answer that is no redirect."""
        url, headers = self._remote.url, {**self._remote.headers, **self._wanted()}
        self._gate.check(url)
        for _ in range(MAX_REDIRECTS + 1):
            response = await session.get(url, allow_redirects=False, headers=headers)
            if response.status not in _REDIRECTS:
                return response
            response.close()
            target = _redirect(url, response)
            self._gate.check(target)
            if target.origin() != url.origin():  # tokens are for the first host only
                headers = self._wanted()
            url = target
        raise Refused(f"{self._remote.url.host} redirects more than {MAX_REDIRECTS} times; the address leads nowhere.")

    def _wanted(self) -> dict[str, str]:
        """Return the headers that ask for the missing part, if the server can be held to the same version of it."""
        part = self._part
        if not part.size or not (part.validator or self._remote.sha256):
            return {}
        condition = {"If-Range": part.validator} if part.validator else {}
        return {"Range": f"bytes={part.size}-", **condition}

    def _begin(self, response: ClientResponse) -> bool:
        """Look at the head of an answer and make the partial file fit it; say whether a body is to be read."""
        _check_status(response)
        _check_kind(response)
        if response.status == 206:
            self._check_range(response)
        elif response.status == 416:
            return self._nothing_left(response)
        else:
            total = self._remote.size if response.content_length is None else response.content_length
            self._part.restart(_validator(response.headers), total)
        self._check_size()
        self._part.check_room()
        self._meter.restart()
        return True

    def _check_range(self, response: ClientResponse) -> None:
        """Begin anew if the piece that comes does not continue what is here."""
        part, found = self._part, _RANGE.fullmatch(response.headers.get("Content-Range", ""))
        same = _validator(response.headers) in ("", part.validator) or not part.validator
        total = int(found[3]) if found and found[3] != "*" else None
        if not found or int(found[1]) != part.size or not same or total not in (None, part.total):
            part.restart("", None)
            raise Broken(f"{response.url.host} did not continue the file where it was left.")

    def _nothing_left(self, response: ClientResponse) -> bool:
        """Take "no such range" for the end of the file, if it is there."""
        if response.headers.get("Content-Range") != f"bytes */{self._part.size}":
            self._part.restart("", None)
            raise Broken(f"{response.url.host} has another file by now.")
        self._part.total = self._part.size
        return False

    def _check_size(self) -> None:
        total, known = self._part.total, self._remote.size
        if total is not None and total > self._cap:
            raise Refused(f"The file has {megabytes(total)}; at most {megabytes(self._cap)} are allowed.")
        if total is not None and known is not None and total != known:
            raise WrongFile(f"{self._remote.url.host} sends {total} bytes where the file has {known}.")

    async def _append(self, response: ClientResponse, limit: asyncio.Timeout) -> None:
        part, rules, clock = self._part, self._rules, asyncio.get_running_loop().time
        limit.reschedule(clock() + rules.patience)
        most = self._cap if part.total is None else min(self._cap, part.total)
        since = 0
        async for piece in response.content.iter_any():
            if part.size + len(piece) > most:
                what = "that are allowed" if most == self._cap else "that it should have"
                raise WrongFile(f"The file has more than the {megabytes(most)} {what}.")
            if not part.size:
                self._check_head(piece)
            part.write(piece)
            self._meter.tell(part.size, part.total)
            since += len(piece)
            if since >= rules.least:
                limit.reschedule(clock() + rules.patience)
                since = 0
        if part.total is not None and part.size != part.total:
            raise Broken(f"{response.url.host} sent {part.size} of {part.total} bytes.")


def _redirect(url: URL, response: ClientResponse) -> URL:
    location = response.headers.get("Location", "")
    if not location:
        raise Refused(f"{url.host} redirects without saying where to.")
    return url.join(parse_url(location))


def _check_status(response: ClientResponse) -> None:
    status, host = response.status, response.url.host
    if status in (200, 206, 416):
        return
    if status in _PASSING:
        raise Broken(f"{host} answered {status}.")
    if status in (401, 403):
        raise Refused(f"{host} does not give this file to everyone ({status}); sign in there, or accept its licence.")
    if status in (404, 410):
        raise Refused(f"{host} has no such file ({status}); look at the address again.")
    raise Refused(f"{host} answered {status} instead of sending the file.")


def _check_kind(response: ClientResponse) -> None:
    host, encoding = response.url.host, response.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise Refused(f"{host} sends the file compressed ({encoding[:20]!r}), although it was asked not to.")
    if response.content_type in ("text/html", "application/xhtml+xml") and response.status != 416:
        raise Refused(f"{host} sent a web page instead of a file; take the address of the download itself.")


def _validator(headers: Mapping[str, str]) -> str:
    """Return what names this version of the file for certain: a strong ETag, or else the time of its change."""
    tag = headers.get("ETag", "")
    validator = tag if tag.startswith('"') else headers.get("Last-Modified", "")
    return validator if validator.isascii() and validator.isprintable() else ""


def _reason(error: Exception) -> str:
    """Say what happened on one line, without the address, which may carry a token."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name is not known here; is this machine connected?"
    if isinstance(error, aiohttp.ClientConnectorError):
        return " ".join(str(error.strerror or type(error.os_error).__name__).split())
    if isinstance(error, aiohttp.ClientPayloadError | aiohttp.ServerDisconnectedError):
        return "it was closed before the end of the file"
    return type(error).__name__
