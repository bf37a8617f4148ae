"""`/ws`: what a client is told while its graphs run."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

from ..client import Client
from ..site import owner_of, site_of
from ..wire import Message
from .system import features_of

LONGEST_ID = 200
LARGEST_FRAME = 1 << 16
HEARTBEAT = 30.0


async def connect(request: web.Request) -> web.WebSocketResponse:
    """Open a socket, and keep it until its client goes."""
    site = site_of(request)
    if len(site.hub.clients) >= site.limits.sockets:
        raise web.HTTPServiceUnavailable(text="Too many sockets are open.\n")
    sid = request.query.get("clientId") or uuid.uuid4().hex
    if len(sid) > LONGEST_ID:
        raise web.HTTPBadRequest(text=f"A client id has at most {LONGEST_ID} characters.\n")
    socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LARGEST_FRAME, compress=False)
    await socket.prepare(request)
    client = Client(socket, sid, owner_of(request))
    writer = asyncio.create_task(client.write())
    site.hub.add(client)
    try:
        await _listen(socket, client, features_of(site))
    finally:
        site.hub.remove(client)
        writer.cancel()
    return socket


async def _listen(socket: web.WebSocketResponse, client: Client, ours: Mapping[str, Any]) -> None:
    """Hear what the client understands, which its first text says; nothing else that it says means anything."""
    first = True
    async for frame in socket:
        if frame.type is not WSMsgType.TEXT or not first:
            continue
        first = False
        features = _features(frame.data)
        if features is not None:
            client.features = features
            client.send(Message("feature_flags", ours))


def _features(text: str) -> Mapping[str, Any] | None:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or said.get("type") != "feature_flags":
        return None
    data = said.get("data")
    return data if isinstance(data, dict) else {}
