"""`/export/python` and `/requirements`: what a graph is as Python, and what it needs that is not here."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from aiohttp import web

from ...engine.catalogue import Installed
from ...engine.documents import read_document
from ...engine.errors import PromptRejected
from ...engine.pack_hints import Hints, hints_of
from ...engine.prompt import Prompt
from ...engine.requirements import NeededClass, NeededFile, requirements
from ...engine.workflow import Workflow
from ...settings import Folders
from ..body import json_answer, read_object
from ..site import Site, folders_of, site_of


async def python(request: web.Request) -> web.Response:
    """Answer a graph, in either format, as Python source that builds it."""
    site, folders = site_of(request), folders_of(request)
    if site.to_python is None:
        raise web.HTTPNotImplemented(text="This server writes no Python; `ldm-nodes export` does.\n")
    document = await read_object(request)
    try:
        source = await asyncio.to_thread(site.to_python, document, folders)
    except PromptRejected as rejected:
        raise _refusal(rejected) from rejected
    return web.Response(text=source, content_type="text/x-python")


async def needs(request: web.Request) -> web.Response:
    """Answer which node classes and files a graph needs, which are here, and what comes nearest to the others."""
    site, folders = site_of(request), folders_of(request)
    document = await read_object(request)
    try:
        return json_answer(await asyncio.to_thread(_needs, document, site, folders))
    except PromptRejected as rejected:
        raise _refusal(rejected) from rejected


def _needs(document: Mapping[str, Any], site: Site, folders: Folders) -> Mapping[str, Any]:
    read = read_document(document)
    prompt, hints = (read, Hints()) if isinstance(read, Prompt) else (_prompt_of(read, site, folders), hints_of(read))
    found = requirements(prompt, site.registry, folders)
    return {
        "met": found.met,
        "fetches": site.downloads,
        "classes": [_told_class(need, hints) for need in found.classes],
        "files": [_told_file(need, hints) for need in found.files],
    }


def _prompt_of(document: Workflow, site: Site, folders: Folders) -> Prompt:
    """Return the prompt of a document, though it may have nodes whose values cannot be told."""
    return document.to_prompt(Installed(site.registry, folders)).prompt


def _told_class(need: NeededClass, hints: Hints) -> Mapping[str, Any]:
    nearest = [{"name": found.name, "fits": found.fits} for found in need.nearest]
    pack = hints.packs.get(need.name, "")
    return {"name": need.name, "nodes": need.nodes, "here": need.present, "pack": pack, "nearest": nearest}


def _told_file(need: NeededFile, hints: Hints) -> Mapping[str, Any]:
    return {
        "kind": need.kind,
        "name": need.name,
        "used_by": need.used_by,
        "here": need.path is not None,
        "source": hints.models.get(PurePosixPath(need.name.replace("\\", "/")).name, ""),
        "nearest": need.nearest,
    }


def _refusal(rejected: PromptRejected) -> web.HTTPBadRequest:
    sentences = " ".join(str(problem) for problem in rejected.problems[:3])
    return web.HTTPBadRequest(text=f"{sentences}\n")
