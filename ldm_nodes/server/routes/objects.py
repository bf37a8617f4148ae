"""`/object_info` and `/graphs`: which nodes there are, and graphs to begin with."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from ..body import json_answer
from ..comfyui_catalogue import for_client
from ..files import NotThere, existing
from ..site import folders_of, site_of


async def show(request: web.Request) -> web.Response:
    """Answer every node class; lists of files are as they are now."""
    site = site_of(request)
    found = await asyncio.to_thread(site.registry.object_info, folders_of(request))
    return json_answer(for_client(found) if site.frontend.foreign else found)


async def show_one(request: web.Request) -> web.Response:
    """Answer one node class under its name, or an empty object."""
    site, name = site_of(request), request.match_info["name"]
    return json_answer(await asyncio.to_thread(site.registry.object_info, folders_of(request), name))


async def graphs(request: web.Request) -> web.Response:
    """Answer the names of the example graphs."""
    return json_answer(await asyncio.to_thread(_names, site_of(request).graphs))


async def graph(request: web.Request) -> web.Response:
    """Answer an example graph."""
    folder, name = site_of(request).graphs, request.match_info["name"]
    try:
        path = existing(folder, f"{name}.json") if folder else None
    except NotThere:
        path = None
    if path is None:
        raise web.HTTPNotFound(text="There is no such graph.\n")
    return web.Response(body=await asyncio.to_thread(path.read_bytes), content_type="application/json")


def _names(folder: Path | None) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.json")) if folder and folder.is_dir() else []
