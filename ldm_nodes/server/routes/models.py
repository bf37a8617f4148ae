"""`/models`, `/embeddings` and `/view_metadata`: which model files there are, and what their headers say."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath

from aiohttp import web

from ...settings import FileNotInFolder, Folders
from ..body import json_answer
from ..headers import header_metadata
from ..model_folders import LISTED
from ..site import folders_of


async def kinds(request: web.Request) -> web.Response:
    """Answer the kinds of model files."""
    return json_answer(list(LISTED))


async def names(request: web.Request) -> web.Response:
    """Answer the files of a kind."""
    folders, kind = folders_of(request), request.match_info["folder"]
    if kind not in LISTED:
        raise web.HTTPNotFound(text="")
    return json_answer(await asyncio.to_thread(lambda: list(folders.names(kind))))


async def embeddings(request: web.Request) -> web.Response:
    """Answer the embeddings, without the endings of their files."""
    found = await asyncio.to_thread(folders_of(request).names, "embeddings")
    return json_answer([PurePosixPath(name).with_suffix("").as_posix() for name in found])


async def metadata(request: web.Request) -> web.Response:
    """Answer what the header of a safetensors file says of it."""
    folders, kind = folders_of(request), request.match_info["folder"]
    path = await asyncio.to_thread(_find, folders, kind, request.query.get("filename", ""))
    found = await asyncio.to_thread(header_metadata, path) if path else None
    if not found:
        raise web.HTTPNotFound(text="")
    return json_answer(found)


def _find(folders: Folders, kind: str, name: str) -> Path | None:
    if kind not in LISTED or not name.endswith(".safetensors"):
        return None
    try:
        return folders.find(kind, name)
    except FileNotInFolder:
        return None
