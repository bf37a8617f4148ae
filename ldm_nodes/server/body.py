"""JSON in and out: read within limits of size and time, parsed and written where it does not hold up the event loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any

from aiohttp import web

from ..engine.errors import PromptRejected
from ..engine.json_text import read_json
from .site import site_of

AT_ONCE = 1 << 16
"""Shorter JSON texts are parsed without a thread, and sent at once."""


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


async def json_stream(request: web.Request, pieces: Iterator[str]) -> web.StreamResponse:
    """Answer a JSON text of any length; it comes in pieces, each made in a thread when the one before it is sent.

    Writing one long text in one go would hold up the event loop from a thread too: nothing else of Python runs then.
    """
    parts = _filled(pieces)
    piece, following = await asyncio.to_thread(lambda: (next(parts, ""), next(parts, None)))
    if following is None or request.method == "HEAD":
        return web.Response(text=piece, content_type="application/json")
    response = web.StreamResponse(headers={"Content-Type": "application/json; charset=utf-8"})
    await response.prepare(request)
    await response.write(piece.encode())
    while following is not None:
        await response.write(following.encode())
        following = await asyncio.to_thread(next, parts, None)
    await response.write_eof()
    return response


def _filled(pieces: Iterator[str]) -> Iterator[str]:
    """Join short pieces, so that short answers are sent at once and long ones in few turns."""
    text = ""
    for piece in pieces:
        text += piece
        if len(text) >= AT_ONCE:
            yield text
            text = ""
    if text:
        yield text


def json_text(value: Any) -> str:
    """Return JSON; as in ComfyUI numbers that are not finite stand in it as `NaN`."""
    return json.dumps(value, default=str)


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
    """Answer a JSON text that is not long."""
    return web.json_response(value, status=status, dumps=json_text)
