"""Bodies of requests: read within limits of size and time, parsed where they do not hold up the event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from ..engine.errors import PromptRejected
from ..engine.json_text import read_json
from .site import site_of

AT_ONCE = 1 << 16
"""Shorter JSON texts are parsed without a thread."""


async def read_bytes(request: web.Request) -> bytes:
    """Return the body.

    Raises:
        HTTPRequestEntityTooLarge: it is larger than the server takes.
        HTTPRequestTimeout: it does not come.
    """
    try:
        async with asyncio.timeout(site_of(request).limits.read_seconds):
            return await request.read()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(text="The body of the request did not arrive in time.\n") from error


async def read_any(request: web.Request) -> Any:
    """Return the body as JSON, whatever type it says it is.

    Raises:
        HTTPBadRequest: it is not JSON.
    """
    text = await read_bytes(request)
    try:
        return await parse(text)
    except PromptRejected as rejected:
        raise web.HTTPBadRequest(text=f"{rejected}\n") from rejected


async def read_object(request: web.Request, optional: bool = False) -> Mapping[str, Any]:
    """Return the body as a JSON object.

    Args:
        request: the request.
        optional: an empty body, or one that is not JSON, counts as an empty object, as ComfyUI's clients expect.

    Raises:
        HTTPBadRequest: it is something else.
    """
    try:
        found = await parse(await read_bytes(request) or b"{}")
    except PromptRejected as rejected:
        if optional:
            return {}
        raise web.HTTPBadRequest(text=f"{rejected}\n") from rejected
    if not isinstance(found, dict):
        raise web.HTTPBadRequest(text=f"Expected a JSON object; received {type(found).__name__}.\n")
    return found


async def parse(text: bytes) -> Any:
    """Return the value of a JSON text.

    Raises:
        PromptRejected: it is not JSON.
    """
    return read_json(text) if len(text) <= AT_ONCE else await asyncio.to_thread(read_json, text)


def texts(value: Any, name: str) -> list[str]:
    """Return a list of texts from a body.

    Raises:
        HTTPBadRequest: it is something else.
    """
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise web.HTTPBadRequest(text=f"{name!r} must be a list of texts.\n")
    return value


def whole(request: web.Request, name: str) -> int | None:
    """Return a whole number from the query, or None where it is not given.

    Raises:
        HTTPBadRequest: it is no whole number.
    """
    text = request.query.get(name)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"{name!r} must be a whole number; received {text[:40]!r}.\n") from error


def json_answer(value: Any, status: int = 200) -> web.Response:
    """Return JSON; as in ComfyUI numbers that are not finite stand in it as `NaN`."""
    return web.json_response(value, status=status, dumps=lambda told: json.dumps(told, default=str))
