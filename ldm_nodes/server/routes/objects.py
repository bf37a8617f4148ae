"""`/object_info`: which nodes there are."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ..catalogue import Catalogue, Told
from ..comfyui_catalogue import for_client
from ..site import folders_of, site_of


async def show(request: web.Request) -> web.Response:
    """Answer every node class; lists of files are as they are now. Who has the same already is told only that."""
    found = await asyncio.to_thread(_catalogue, request)
    headers = {"ETag": f'"{found.tag}"', "Cache-Control": "no-cache"}
    known = {tag.value for tag in request.if_none_match or ()}
    if known & {found.tag, "*"}:
        return web.Response(status=304, headers=headers)
    return web.Response(body=found.text, content_type="application/json", charset="utf-8", headers=headers)


async def show_one(request: web.Request) -> web.Response:
    """Answer one node class under its name, or an empty object."""
    found = await asyncio.to_thread(_catalogue, request)
    return web.Response(text=found.one(request.match_info["name"]), content_type="application/json")


def _catalogue(request: web.Request) -> Catalogue:
    site = site_of(request)
    told: Told = for_client if site.frontend.foreign else dict
    return site.catalogue.current(site.registry, folders_of(request), told)
