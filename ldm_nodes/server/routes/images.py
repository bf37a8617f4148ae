"""`/view`: pictures that were uploaded or made, as they are, smaller, or one channel of them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from ...settings import MARKERS, Folders
from ..channels import Look, shown
from ..files import BadName, NotThere, answer_headers, existing_of_kind, parts_of
from ..site import folders_of


async def view(request: web.Request) -> web.StreamResponse:
    """Answer a file of the output, input or temp folder."""
    query = request.query
    kind, subfolder = query.get("type", "output"), query.get("subfolder", "")
    path = await asyncio.to_thread(_find, folders_of(request), query.get("filename"), kind, subfolder)
    look = Look.parse(query.get("preview"), query.get("channel"))
    if look is None:
        return web.FileResponse(path, headers=answer_headers(path))
    body = await asyncio.to_thread(shown, path, look)
    if body is None:
        raise web.HTTPNotFound(text="This file is no picture.\n")
    return web.Response(body=body, headers={**answer_headers(path), "Content-Type": look.content_type})


def _find(folders: Folders, filename: str | None, kind: str, subfolder: str) -> Path:
    """Return the file that a client means; the order of the answers is ComfyUI's."""
    if filename is None:
        raise web.HTTPNotFound(text="")
    for marker, named in MARKERS.items():
        if filename.endswith(marker):
            filename, kind = filename.removesuffix(marker), named
    if not filename:
        raise web.HTTPBadRequest(text="'filename' is empty.\n")
    try:
        return existing_of_kind(folders, kind, subfolder, *parts_of(filename)[-1:])
    except BadName as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from error
    except NotThere as error:
        raise web.HTTPNotFound(text="There is no such file.\n") from error
