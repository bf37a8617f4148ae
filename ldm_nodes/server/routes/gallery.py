"""`/gallery`, `/graphs` and `/workflow_templates`: graphs to begin with."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from ..body import json_answer
from ..files import NotThere, existing
from ..frontend import content_type
from ..gallery import PICTURES, community, of_packs, pack_examples, picture_of, shipped, with_missing
from ..site import Site, site_of


async def index(request: web.Request) -> web.Response:
    """Answer every graph to begin with: title, description, picture, and which of its nodes are not here."""
    return json_answer(await asyncio.to_thread(_told, site_of(request)))


async def graphs(request: web.Request) -> web.Response:
    """Answer the names of the example graphs."""
    return json_answer(await asyncio.to_thread(_names, site_of(request).graphs))


async def graph(request: web.Request) -> web.Response:
    """Answer an example graph."""
    path = _graph(request)
    return web.Response(body=await asyncio.to_thread(path.read_bytes), content_type="application/json")


async def picture(request: web.Request) -> web.StreamResponse:
    """Answer what an example graph makes."""
    path = picture_of(_graph(request).parent, _graph(request).stem)
    if path is None:
        raise web.HTTPNotFound(text="This graph has no picture.\n")
    return web.FileResponse(path, headers={"Content-Type": content_type(path), "Cache-Control": "max-age=3600"})


async def packs(request: web.Request) -> web.Response:
    """Answer the names of the example graphs of each node pack, as ComfyUI does."""
    return json_answer(await asyncio.to_thread(_by_pack, site_of(request)))


async def of_pack(request: web.Request) -> web.StreamResponse:
    """Answer an example of a pack, or the picture beside it."""
    wanted = (request.match_info["pack"], request.match_info["file"])
    path = await asyncio.to_thread(_of_pack, site_of(request), *wanted)
    if path is None:
        raise web.HTTPNotFound(text="There is no such example.\n")
    return web.FileResponse(path, headers={"Content-Type": content_type(path)})


def _graph(request: web.Request) -> Path:
    folder, name = site_of(request).graphs, request.match_info["name"]
    try:
        path = existing(folder, f"{name}.json") if folder else None
    except NotThere:
        path = None
    if path is None:
        raise web.HTTPNotFound(text="There is no such graph.\n")
    return path


def _told(site: Site) -> list[Mapping[str, Any]]:
    known = set(site.registry)
    found = (*shipped(site.graphs), *of_packs(_roots(site)), *community(site.frontend.templates))
    return [with_missing(template, known).told() for template in found]


def _names(folder: Path | None) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.json")) if folder and folder.is_dir() else []


def _by_pack(site: Site) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pack, path in pack_examples(_roots(site)):
        found.setdefault(pack, []).append(path.stem)
    return found


def _of_pack(site: Site, pack: str, file: str) -> Path | None:
    """Return a file that is one of a pack's examples, or the picture of one: there is no path to walk out by."""
    for name, path in pack_examples(_roots(site)):
        beside = (path, *(path.with_suffix(ending) for ending in PICTURES))
        match = next((one for one in beside if name == pack and one.name == file and one.is_file()), None)
        if match is not None:
            return match
    return None


def _roots(site: Site) -> tuple[Path, ...]:
    return (site.folders.base / "custom_nodes",)
