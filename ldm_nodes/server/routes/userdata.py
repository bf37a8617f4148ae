"""`/userdata`: workflows and other files that the editor keeps for a user."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from ..body import json_answer, read_bytes
from ..files import BadName, answer_headers, inside
from ..site import owner_of, site_of
from ..user_files import file_info, files_below, user_file, user_root, version_of, write

_ONE_WRITER = threading.Lock()
"""Nothing is written between the look at a file's version and its replacement."""


async def listing(request: web.Request) -> web.Response:
    """Answer the files below a folder."""
    folder = request.query.get("dir", "")
    if not folder:
        raise web.HTTPBadRequest(text="Directory not provided")
    root = _root(request)
    path = _path(root, folder)
    if not await asyncio.to_thread(path.is_dir):
        raise web.HTTPNotFound(text="Directory not found")
    recurse, full, split = (_flag(request, name) for name in ("recurse", "full_info", "split"))
    return json_answer(await asyncio.to_thread(_listed, root, path, recurse, full, split))


async def tree(request: web.Request) -> web.Response:
    """Answer folders and files below a folder, folders first."""
    root = _root(request)
    try:
        path = inside(root, request.query.get("path", ""))
    except BadName as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from error
    if not await asyncio.to_thread(root.is_dir):
        return json_answer([])
    if not path.exists():
        raise web.HTTPNotFound(text="Requested path not found")
    if not path.is_dir():
        raise web.HTTPBadRequest(text="The path is no folder.\n")
    return json_answer(await asyncio.to_thread(_tree, root, path))


async def show(request: web.Request) -> web.StreamResponse:
    """Answer a file."""
    path = await asyncio.to_thread(_existing, request)
    return web.FileResponse(path, headers=answer_headers(path, texts=True))


async def store(request: web.Request) -> web.Response:
    """Keep a file. With `If-Match` only over the version that the client has seen: a stale tab replaces nothing."""
    root = _root(request)
    path = _file(root, request.match_info["file"])
    data = await read_bytes(request)
    await asyncio.to_thread(_write, request, root, path, data)
    answer = json_answer(_told(request, root, path))
    answer.headers["ETag"] = version_of(path) or ""
    return answer


async def delete(request: web.Request) -> web.Response:
    """Delete a file."""
    path = await asyncio.to_thread(_existing, request)
    await asyncio.to_thread(path.unlink)
    return web.Response(status=204)


async def move(request: web.Request) -> web.Response:
    """Give a file another name."""
    root = _root(request)
    source = await asyncio.to_thread(_existing, request)
    target = _file(root, request.match_info["dest"])
    await asyncio.to_thread(_move, request, source, target)
    return json_answer(_told(request, root, target))


def _root(request: web.Request) -> Path:
    return user_root(site_of(request).user_folder, owner_of(request))


def _path(root: Path, name: str) -> Path:
    try:
        return inside(root, name)
    except BadName as error:
        raise web.HTTPForbidden(text=f"{error}\n") from error


def _file(root: Path, name: str) -> Path:
    try:
        return user_file(root, name)
    except BadName as error:
        raise web.HTTPForbidden(text=f"{error}\n") from error


def _existing(request: web.Request) -> Path:
    path = _file(_root(request), request.match_info["file"])
    if not path.is_file():
        raise web.HTTPNotFound(text="There is no such file.\n")
    return path


def _write(request: web.Request, root: Path, path: Path, data: bytes) -> None:
    try:
        with _ONE_WRITER, site_of(request).quotas.userdata.room(root, len(data), path):
            _refuse_stale(request, path)
            write(path, data, replace=request.query.get("overwrite") != "false")
    except FileExistsError as error:
        raise web.HTTPConflict(text="File already exists") from error
    except OSError as error:
        raise web.HTTPBadRequest(text=f"The file cannot be written: {error.strerror}.\n") from error


def _refuse_stale(request: web.Request, path: Path) -> None:
    seen = request.headers.get("If-Match")
    if seen is not None and seen != version_of(path):
        raise web.HTTPPreconditionFailed(text="The file has changed since; read it again.\n")


def _move(request: web.Request, source: Path, target: Path) -> None:
    _refuse_taken(request, target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    except OSError as error:
        raise web.HTTPBadRequest(text=f"The file cannot be moved: {error.strerror}.\n") from error


def _refuse_taken(request: web.Request, path: Path) -> None:
    if request.query.get("overwrite") == "false" and path.exists():
        raise web.HTTPConflict(text="File already exists")


def _told(request: web.Request, root: Path, path: Path) -> Mapping[str, Any] | str:
    shown = path.relative_to(root.resolve()).as_posix()
    return file_info(path, shown) if _flag(request, "full_info") else shown


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "").lower() == "true"


def _listed(root: Path, folder: Path, recurse: bool, full: bool, split: bool) -> list[Any]:
    base = folder.resolve()
    found = [(path, path.relative_to(base).as_posix()) for path in files_below(root, folder, recurse)]
    if full:
        return [file_info(path, shown) for path, shown in found]
    return [[shown, *shown.split("/")] if split else shown for _, shown in found]


def _tree(root: Path, folder: Path) -> list[dict[str, Any]]:
    files = files_below(root, folder, recurse=True)
    base, top = root.resolve(), folder.resolve()
    folders = {parent for path in files for parent in path.parents if parent.is_relative_to(top) and parent != top}
    folders |= {path for path in top.rglob("*") if path.is_dir() and not path.is_symlink()}
    described = [_described(path, base) for path in (*folders, *files)]
    return sorted(described, key=lambda entry: (entry["type"] == "file", entry["name"].lower(), entry["path"]))


def _described(path: Path, base: Path) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": path.name, "path": path.relative_to(base).as_posix()}
    if path.is_dir():
        return {**entry, "type": "directory"}
    status = path.stat()
    return {**entry, "type": "file", "size": status.st_size, "modified": status.st_mtime}
