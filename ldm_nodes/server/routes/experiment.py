"""`/experiment/models`: model files with sizes, times and pictures."""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
from pathlib import Path
from typing import Any

from aiohttp import web

from ...engine.errors import PromptRejected
from ...engine.json_text import read_json
from ...settings import IMAGE_SUFFIXES, MODEL_SUFFIXES, Folders
from ..body import json_answer
from ..channels import Look, shown
from ..files import NotThere, existing, relative_files
from ..headers import header_metadata
from ..model_folders import LISTED, UNLISTED_FILES, shown_folders
from ..site import folders_of

WEBP = Look("webp")


async def kinds(request: web.Request) -> web.Response:
    """Answer the kinds of model files and their folders."""
    folders = folders_of(request)
    listed = [kind for kind in LISTED if kind not in UNLISTED_FILES]
    return json_answer([{"name": kind, "folders": shown_folders(folders, kind)} for kind in listed])


async def files(request: web.Request) -> web.Response:
    """Answer the files of a kind."""
    kind = _kind(request)
    return json_answer(await asyncio.to_thread(_files, folders_of(request), kind))


async def preview(request: web.Request) -> web.Response:
    """Answer the picture that lies beside a model file or in its header."""
    kind, index, name = _kind(request), request.match_info["index"], request.match_info["name"]
    body = await asyncio.to_thread(_preview, folders_of(request), kind, index, name)
    if body is None:
        raise web.HTTPNotFound(text="")
    return web.Response(body=body, content_type="image/webp")


def _kind(request: web.Request) -> str:
    kind = request.match_info["folder"]
    if kind not in LISTED or kind in UNLISTED_FILES:
        raise web.HTTPNotFound(text="")
    return kind


def _files(folders: Folders, kind: str) -> list[dict[str, Any]]:
    return [
        {
            "name": path.relative_to(root.resolve()).as_posix(),
            "pathIndex": index,
            "modified": path.stat().st_mtime,
            "created": path.stat().st_ctime,
            "size": path.stat().st_size,
        }
        for index, root in enumerate(folders.of(kind))
        for path in relative_files(root)
        if path.suffix.lower() in MODEL_SUFFIXES and not path.name.startswith(".")
    ]


def _preview(folders: Folders, kind: str, index: str, name: str) -> bytes | None:
    roots = folders.of(kind)
    if not index.isdecimal() or len(index) > 4 or int(index) >= len(roots):
        return None
    try:
        model = existing(roots[int(index)], name)
    except NotThere:
        return None
    beside = [model.with_name(model.stem + part + suffix) for part in ("", ".preview") for suffix in IMAGE_SUFFIXES]
    for path in beside:
        try:
            return shown(existing(roots[int(index)], path.relative_to(roots[int(index)].resolve()).as_posix()), WEBP)
        except NotThere:
            continue
    return _cover(model)


def _cover(model: Path) -> bytes | None:
    """Return the first picture in a model file's header."""
    from PIL import Image

    metadata = header_metadata(model) if model.suffix == ".safetensors" else None
    try:
        pictures = read_json(str((metadata or {}).get("ssmd_cover_images", "[]")))
        data = base64.b64decode(pictures[0], validate=True)
        buffer = io.BytesIO()
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as picture:
            picture.save(buffer, "webp", quality=WEBP.quality)
    except (PromptRejected, LookupError, TypeError, ValueError, OSError, SyntaxError, binascii.Error):
        return None
    except Image.DecompressionBombError:
        return None
    return buffer.getvalue()
