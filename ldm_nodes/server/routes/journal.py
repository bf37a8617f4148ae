"""`/journal`: the versions of documents that an editor keeps while its user works."""

from __future__ import annotations

import asyncio
import functools

from aiohttp import web

from ...engine.errors import PromptRejected
from ...engine.json_text import read_json
from ..body import json_answer, read_bytes
from ..journal import LARGEST, Journal, JournalFull, UnknownVersion
from ..site import owner_of, site_of
from ..user_files import user_root

FOLDER = ".journal"
"""Beside the folders of users, so that no name of a user's file leads into it."""
LONGEST_KEY = 1000


async def documents(request: web.Request) -> web.Response:
    """Answer the newest version of every document of the user."""
    found = await asyncio.to_thread(_journal(request).documents)
    return json_answer([version.told() for version in found])


async def versions(request: web.Request) -> web.Response:
    """Answer what is known of all versions of a document, newest first; of one without any, an empty list."""
    found = await asyncio.to_thread(_journal(request).versions, _document(request))
    return json_answer([version.told() for version in found])


async def show(request: web.Request) -> web.Response:
    """Answer a version word for word."""
    try:
        number = int(request.match_info["version"])
        text = await asyncio.to_thread(_journal(request).text, _document(request), number)
    except (ValueError, UnknownVersion) as error:
        raise web.HTTPNotFound(text="There is no such version of this document.\n") from error
    return web.Response(body=text, content_type="application/json")


async def append(request: web.Request) -> web.Response:
    """Keep a version; the body is the document, and the query says what was changed."""
    journal, document = _journal(request), _document(request)
    text = await read_bytes(request)
    if len(text) > LARGEST:
        raise web.HTTPRequestEntityTooLarge(
            LARGEST, len(text), text=f"A version may have {LARGEST >> 20} MB; this one has {len(text) >> 20} MB.\n"
        )
    nodes = await asyncio.to_thread(_count_nodes, text)
    query = request.query
    keep = functools.partial(journal.append, label=query.get("label", ""), name=query.get("name", ""))
    try:
        version = await asyncio.to_thread(keep, document, text, nodes=nodes, dirty=query.get("dirty") == "true")
    except JournalFull as full:
        raise web.HTTPInsufficientStorage(text=f"{full}\n") from full
    except OSError as error:
        raise web.HTTPInsufficientStorage(text=f"The version cannot be written: {error.strerror}.\n") from error
    return json_answer(version.told())


async def move(request: web.Request) -> web.Response:
    """Let the versions of a document go with it when it is saved under another name."""
    try:
        await asyncio.to_thread(_journal(request).move, _document(request), _document(request, "target"))
    except UnknownVersion as error:
        raise web.HTTPNotFound(text=f"{error}\n") from error
    return web.Response(status=204)


async def delete(request: web.Request) -> web.Response:
    """Forget the versions of a document."""
    await asyncio.to_thread(_journal(request).delete, _document(request))
    return web.Response(status=204)


def _journal(request: web.Request) -> Journal:
    return Journal(user_root(site_of(request).user_folder / FOLDER, owner_of(request)))


def _document(request: web.Request, part: str = "document") -> str:
    document = request.match_info[part]
    if len(document) > LONGEST_KEY:
        raise web.HTTPBadRequest(text="The document's name is too long.\n")
    return document


def _count_nodes(text: bytes) -> int:
    try:
        found = read_json(text)
    except PromptRejected as rejected:
        raise web.HTTPBadRequest(text=f"{rejected}\n") from rejected
    if not isinstance(found, dict):
        raise web.HTTPBadRequest(text=f"Expected a document, a JSON object; received {type(found).__name__}.\n")
    nodes = found.get("nodes")
    return len(nodes) if isinstance(nodes, list) else 0
