"""`/internal`: what ComfyUI's own client asks about the server itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from aiohttp import web

from ..body import json_answer, read_object
from ..files import KINDS, kind_folder
from ..model_folders import LISTED, shown_folders
from ..site import folders_of, keeper_of

SIZE = {"cols": 120, "rows": 40}


async def logs(request: web.Request) -> web.Response:
    """Answer the last lines of the log as one text."""
    return json_answer("".join(f"{line['t']} - {line['m']}" for line in keeper_of(request).logs.lines()))


async def raw_logs(request: web.Request) -> web.Response:
    """Answer the last lines of the log."""
    return json_answer({"entries": keeper_of(request).logs.lines(), "size": SIZE})


async def subscribe(request: web.Request) -> web.Response:
    """Begin or end to send new lines of the log to a socket of the same user."""
    body = await read_object(request)
    for client in keeper_of(request).hub.clients:
        if client.sid == body.get("clientId") and client.user is None:
            client.wants_logs = bool(body.get("enabled"))
    return web.Response()


async def folder_paths(request: web.Request) -> web.Response:
    """Answer where model files are looked for."""
    folders = folders_of(request)
    return json_answer({kind: shown_folders(folders, kind) for kind in LISTED})


async def files(request: web.Request) -> web.Response:
    """Answer the files of the output, input or temp folder, the newest first."""
    kind = request.match_info["kind"]
    if kind not in KINDS:
        return json_answer({"error": "Invalid directory type"}, status=400)
    return json_answer(await asyncio.to_thread(_newest_first, kind_folder(folders_of(request), kind)))


def _newest_first(folder: Path) -> list[Any]:
    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return [path.name for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]
