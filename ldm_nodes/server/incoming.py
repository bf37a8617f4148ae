"""Uploaded files: read in pieces into a temporary file, then put in place under a name that nobody else's file has."""

from __future__ import annotations

import asyncio
import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from ..settings import USERS, Folders
from .files import BadName, file_digest, inside, kind_folder, parts_of
from .quota import Quota
from .site import site_of

PIECE = 1 << 18
MOST_FIELDS = 16
LONGEST_FIELD = 1 << 16
TRIES = 10_000


@dataclass
class Form:
    """A form that was sent.

    Attributes:
        fields: its texts.
        file: its file's bytes.
        filename: its file's name as sent.
    """

    fields: dict[str, str] = field(default_factory=dict)
    file: BinaryIO | None = None
    filename: str = ""

    def close(self) -> None:
        """Let go of the file's bytes."""
        if self.file is not None:
            self.file.close()

    @property
    def overwrites(self) -> bool:
        """Whether a file of the same name is replaced."""
        return self.fields.get("overwrite") in ("true", "1")


async def read_form(request: web.Request) -> Form:
    """Return the form that a request carries.

    Raises:
        HTTPBadRequest: it carries none, none with a file `image`, or one that is not well formed.
        HTTPRequestEntityTooLarge: it is larger than the server takes.
        HTTPRequestTimeout: it does not come.
    """
    form = Form()
    try:
        await _fill(request, form)
    except BaseException:
        form.close()
        raise
    return form


async def _fill(request: web.Request, form: Form) -> None:
    try:
        async with asyncio.timeout(site_of(request).limits.read_seconds):
            await _read(request, form)
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        raise web.HTTPBadRequest(text="The form cannot be read.\n") from error
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(text="The form did not arrive in time.\n") from error
    if form.file is None or not form.filename:
        raise web.HTTPBadRequest(text="Expected a form with a file called 'image'.\n")


def keep(folders: Folders, quota: Quota, form: Form) -> Mapping[str, str]:
    """Put a form's file where the form says, and return its name as clients write it.

    Raises:
        BadName: the form names a place that is none.
        NoRoom: the user has filled it.
    """
    assert form.file is not None
    kind, subfolder, target = place(folders, form)
    name = put_within(quota, folders, kind, form.file, target, form.overwrites)
    return {"name": name, "subfolder": subfolder, "type": kind}


def put_within(quota: Quota, folders: Folders, kind: str, source: BinaryIO, target: Path, overwrite: bool) -> str:
    """Do as `put` does if the user has room for it.

    Raises:
        NoRoom: he has not.
    """
    others = "" if folders.user else USERS
    replaced = target if overwrite else None
    with quota.room(kind_folder(folders, kind), source.seek(0, os.SEEK_END), replaced, others):
        return put(source, target, overwrite)


def place(folders: Folders, form: Form) -> tuple[str, str, Path]:
    """Return kind, subfolder and path of where a form's file goes; the folder is there afterwards.

    Raises:
        BadName: it is none of our places, or the name is none.
    """
    kind, subfolder = form.fields.get("type", "input"), form.fields.get("subfolder", "")
    names = parts_of(form.filename)
    if not names:
        raise BadName("The file has no name.")
    target = inside(kind_folder(folders, kind), subfolder, names[-1])
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:  # a part of it is the name of a file
        raise BadName(f"The subfolder cannot be made: {error.strerror}.") from error
    if target.name.startswith("."):
        raise BadName("Names of files that begin with a dot are not taken.")
    return kind, subfolder, target


def put(source: BinaryIO, target: Path, overwrite: bool) -> str:
    """Write a file completely or not at all, and return the name that it got.

    Without `overwrite` a file that is there already stays: if it has the same bytes it is used, else a number is added.
    """
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    unfinished = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            source.seek(0)
            while piece := source.read(PIECE):
                file.write(piece)
        unfinished.chmod(0o644)
        if overwrite:
            unfinished.replace(target)
            return target.name
        return _claimed(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _claimed(unfinished: Path, target: Path) -> str:
    digest = file_digest(unfinished)
    for path in _names(target):
        try:
            os.link(unfinished, path)
        except FileExistsError:
            if path.is_file() and file_digest(path) == digest:
                return path.name
        else:
            return path.name
    raise BadName(f"{TRIES:,} files are called like this one; choose another name.")


def _names(target: Path) -> Iterator[Path]:
    yield target
    for number in itertools.islice(itertools.count(1), TRIES):
        yield target.with_name(f"{target.stem} ({number}){target.suffix}")


async def _read(request: web.Request, form: Form) -> None:
    left = site_of(request).limits.upload
    if not request.content_type.startswith("multipart/"):
        raise ValueError("no form")
    reader = await request.multipart()
    for _ in range(MOST_FIELDS):
        part = await reader.next()
        if part is None:
            return
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ValueError("forms within forms")
        if part.filename is not None and part.name == "image" and form.file is None:
            form.filename = part.filename
            form.file = tempfile.TemporaryFile()  # noqa: SIM115 - `Form.close` closes it
            left -= await _copy(part, form.file, left)
        else:
            form.fields[part.name] = (await _text(part)).decode()
    raise ValueError("too many fields")


async def _copy(part: BodyPartReader, file: BinaryIO, most: int) -> int:
    size = 0
    while piece := await part.read_chunk(PIECE):
        size += len(piece)
        if size > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=size)
        await asyncio.to_thread(file.write, piece)
    return size


async def _text(part: BodyPartReader) -> bytes:
    text = b""
    while piece := await part.read_chunk(PIECE):
        text += piece
        if len(text) > LONGEST_FIELD:
            raise web.HTTPRequestEntityTooLarge(max_size=LONGEST_FIELD, actual_size=len(text))
    return text
