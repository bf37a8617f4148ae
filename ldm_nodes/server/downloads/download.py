"""Fetch one model file: where it is, where it shall lie, what has arrived, what it is, and only then its name."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from yarl import URL

from ...settings import Folders
from .errors import Broken, CannotWrite, DownloadError, Refused, WrongFile
from .gate import Gate
from .hub import Hub
from .lock import locked
from .partial import CHUNK, Partial
from .progress import Meter, Told, ignore
from .request import DownloadRequest
from .rules import Rules
from .source import Remote, parse_source, remote_of
from .target import SAFE_SUFFIXES, target_of
from .transfer import Transfer, open_session

FormatOf = Callable[[Path], str]
"""Opens a model file without running anything of it and returns its format: "safetensors", or one of torch.

Raises ValueError with a sentence when it is damaged, foreign or harmful.
"""


SAFE_START = 8
"""Where the JSON header of a safetensors file begins."""


@dataclass(frozen=True)
class Downloaded:
    """A file that is there and whole.

    Attributes:
        path: where it lies.
        kind: of model.
        name: by which graphs call it.
        size: in bytes.
        sha256: in hexadecimal.
    """

    path: Path
    kind: str
    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Downloader:
    """Fetches models.

    Attributes:
        folders: where models are.
        format_of: looks at what has arrived.
        rules: what is allowed.
        hub: where `org/repo` is.
    """

    folders: Folders
    format_of: FormatOf
    rules: Rules = field(default_factory=Rules)
    hub: Hub = field(default_factory=Hub)

    async def fetch(self, request: DownloadRequest, told: Told = ignore) -> Downloaded:
        """Fetch a file; one that is there already, and is known to be the wanted one, is not fetched again.

        When this is cancelled or the process is killed, what has arrived stays, and the same request goes on with it.

        Args:
            request: which one.
            told: hears how far it is, on this thread.

        Raises:
            DownloadError: with a sentence for the person who asked.
        """
        try:
            async with asyncio.timeout(self.rules.seconds):
                return await self._fetch(request, told)
        except TimeoutError as error:
            raise Broken(
                f"It took more than {self.rules.seconds:g} seconds. What has arrived is kept; ask again to go on."
            ) from error
        except OSError as error:
            raise CannotWrite(
                f"The folder of models cannot be used: {error.strerror or type(error).__name__}."
            ) from error

    async def _fetch(self, request: DownloadRequest, told: Told) -> Downloaded:
        remote = await self._locate(request)
        name = (request.name or remote.name).replace("\\", "/")
        target = target_of(self.folders, request.to, name, pickles=self.rules.pickles)
        with locked(target):
            if os.path.lexists(target):
                return Downloaded(target, request.to, name, *await _known(target, remote))
            with Partial(target, request.source) as part:
                await part.recall()
                transfer = Transfer(remote, part, self.rules, self._cap(request), Meter(told), _head_check(target))
                await self._receive(transfer, part)
                self._examine(remote, part, target)
                part.finish()
                return Downloaded(target, request.to, name, part.size, part.sha256)

    async def _locate(self, request: DownloadRequest) -> Remote:
        """Find out where the file is, and what it must hash to."""
        source = parse_source(request.source)
        if isinstance(source, URL):
            Gate(self.rules).check(source)  # here too, so that a refusal makes no folder
            remote = remote_of(source)
        else:
            remote = await asyncio.to_thread(self.hub.locate, source, Gate(self.rules), self.rules.patience)
        return remote.expecting(request.sha256)

    def _cap(self, request: DownloadRequest) -> int:
        return min(self.rules.max_bytes, request.max_bytes or self.rules.max_bytes)

    async def _receive(self, transfer: Transfer, part: Partial) -> None:
        """Make attempts until the file is whole, or until too many in a row have brought nothing new."""
        failures, furthest = 0, part.size
        async with open_session(Gate(self.rules)) as session:
            while not part.complete:
                try:
                    await transfer.run(session)
                    break
                except Broken as error:
                    failures = 1 if part.size >= furthest + self.rules.least else failures + 1
                    furthest = max(furthest, part.size)
                    if failures >= self.rules.attempts:
                        raise Broken(f"{error} What has arrived is kept; ask again to go on.") from error
                    await asyncio.sleep(self.rules.pause * 2 ** (failures - 1))
                except WrongFile:
                    part.discard()
                    raise

    def _examine(self, remote: Remote, part: Partial, target: Path) -> None:
        """Look at the whole file before it gets its name; what is refused is removed."""
        part.settle()
        try:
            if remote.sha256 and part.sha256 != remote.sha256:
                raise WrongFile(f"The sha256 of what arrived is {part.sha256}; expected {remote.sha256}.")
            self._check_format(part.path, target)
        except DownloadError:
            part.discard()
            raise

    def _check_format(self, path: Path, target: Path) -> None:
        try:
            found = self.format_of(path)
        except (ValueError, OSError) as error:
            raise WrongFile(f"What arrived is no model: {error}".replace(path.name, target.name)) from error
        wants_safe = target.suffix.lower() in SAFE_SUFFIXES
        if wants_safe != (found == "safetensors"):
            raise WrongFile(f"{target.name} is called as what it is not: its format is that of {found}.")


def _head_check(target: Path) -> Callable[[bytes], None]:
    """Return what looks at the first bytes: the header of a safetensors file begins as a JSON table."""

    def check(head: bytes) -> None:
        if target.suffix.lower() in SAFE_SUFFIXES and len(head) > SAFE_START and head[SAFE_START] != ord("{"):
            raise WrongFile(f"What begins to arrive is no .safetensors file; it starts with {head[:24]!r}.")

    return check


async def _known(target: Path, remote: Remote) -> tuple[int, str]:
    """Return size and hash of a file that is there already, if it is the wanted one.

    Raises:
        Refused: when it is another one, or nobody can tell.
    """
    if not remote.sha256 or not target.is_file():
        raise Refused(f"{target.name} is there already; remove it first, or give the new one another name.")
    digest, size = hashlib.sha256(), 0
    with target.open("rb") as file:
        while piece := file.read(CHUNK):
            digest.update(piece)
            size += len(piece)
            await asyncio.sleep(0)
    if digest.hexdigest() != remote.sha256:
        raise Refused(f"{target.name} is there already, and is another file; remove it, or give the new one a name.")
    return size, digest.hexdigest()
