"""`/upload/image` and `/upload/mask`: files of the user come in, below input, output or temp and nowhere else."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import web

from ..body import json_answer
from ..files import BadName
from ..incoming import Form, keep, read_form
from ..masks import with_alpha
from ..quota import Quota
from ..site import folders_of, site_of


async def image(request: web.Request) -> web.Response:
    """Keep a file; one with the same name and bytes that is there already is used again."""
    form = await read_form(request)
    try:
        return json_answer(await asyncio.to_thread(keep, folders_of(request), _quota(request), form))
    except BadName as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from error
    finally:
        form.close()


async def mask(request: web.Request) -> web.Response:
    """Put the alpha of the uploaded picture on the one that it refers to, and keep that."""
    form = await read_form(request)
    try:
        reference = _reference(form)
        return json_answer(await asyncio.to_thread(with_alpha, folders_of(request), _quota(request), form, reference))
    except BadName as error:
        raise web.HTTPBadRequest(text=f"{error}\n") from error
    finally:
        form.close()


def _quota(request: web.Request) -> Quota:
    return site_of(request).quotas.uploads


def _reference(form: Form) -> dict[str, Any]:
    try:
        found = json.loads(form.fields.get("original_ref", ""))
    except (ValueError, RecursionError) as error:
        raise web.HTTPBadRequest(text="'original_ref' must be the JSON of filename, subfolder and type.\n") from error
    if not isinstance(found, dict) or not isinstance(found.get("filename"), str):
        raise web.HTTPBadRequest(text="'original_ref' must name a file.\n")
    return found
