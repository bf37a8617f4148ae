"""`/system_stats` and what else a client asks of the server as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from ..body import json_answer
from ..site import Site, site_of


async def stats(request: web.Request) -> web.Response:
    """Answer what the machine is and how much memory is left."""
    return json_answer(await asyncio.to_thread(site_of(request).stats))


async def features(request: web.Request) -> web.Response:
    """Answer what the server understands."""
    return json_answer(features_of(site_of(request)))


async def extensions(request: web.Request) -> web.Response:
    """Answer the scripts that a client loads beside its own: those of the pages, and those of node packs."""
    return json_answer(await asyncio.to_thread(_scripts, site_of(request)))


async def translations(request: web.Request) -> web.Response:
    """Answer what node packs translate: language to texts."""
    return json_answer(await asyncio.to_thread(lambda: site_of(request).translations.by_language))


async def packs(request: web.Request) -> web.Response:
    """Answer what became of every node pack: its nodes, or why it has none, and what stands out in its files."""
    site = site_of(request)
    return json_answer(await asyncio.to_thread(site.packs))


def _scripts(site: Site) -> list[str]:
    return [*site.frontend.extensions(), *(url for folder in site.web_folders for url in folder.scripts())]


def features_of(site: Site) -> Mapping[str, Any]:
    """Return what the server tells a client of itself."""
    return {"supports_preview_metadata": True, "max_upload_size": site.limits.upload}
