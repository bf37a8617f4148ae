"""`/settings` and `/users`: what the editor remembers for a user."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web

from ..body import json_answer, read_any, read_object
from ..site import owner_of, site_of
from ..user_files import UserSettings, user_root

MOST_SETTINGS = 10_000


async def users(request: web.Request) -> web.Response:
    """Answer how users are told apart: by their tokens, so that the client need not ask."""
    folder = user_root(site_of(request).user_folder, owner_of(request))
    return json_answer({"storage": "server", "migrated": await asyncio.to_thread(folder.is_dir)})


async def add_user(request: web.Request) -> web.Response:
    """Refuse: users are given tokens by whoever runs the server."""
    raise web.HTTPBadRequest(text="Users are set up where the server is started, with a token each.\n")


async def show(request: web.Request) -> web.Response:
    """Answer all settings."""
    return json_answer(await asyncio.to_thread(_settings(request).read))


async def show_one(request: web.Request) -> web.Response:
    """Answer one setting, or null."""
    found = await asyncio.to_thread(_settings(request).read)
    return json_answer(found.get(request.match_info["name"]))


async def merge(request: web.Request) -> web.Response:
    """Set some settings."""
    return await _merge(request, dict(await read_object(request)))


async def change(request: web.Request) -> web.Response:
    """Set one setting."""
    return await _merge(request, {request.match_info["name"]: await read_any(request)})


async def _merge(request: web.Request, changes: dict[str, Any]) -> web.Response:
    if any(not _is_name(name) for name in changes) or len(changes) > MOST_SETTINGS:
        raise web.HTTPBadRequest(text="Names of settings are short texts without control characters.\n")
    await asyncio.to_thread(_settings(request).merge, changes, site_of(request).quotas.userdata)
    return web.Response()


def _settings(request: web.Request) -> UserSettings:
    return UserSettings(user_root(site_of(request).user_folder, owner_of(request)))


def _is_name(name: str) -> bool:
    return 0 < len(name) <= 200 and name.isprintable()
