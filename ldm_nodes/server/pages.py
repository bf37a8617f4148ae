"""The files of the pages, each under its own name and no other."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from aiohttp import web

from .frontend import Frontend, content_type
from .policy import PAGE, READ, Policy, add_route
from .web_folders import WebFolder

FRESH = {"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "0"}
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"})


def add_pages(app: web.Application, frontend: Frontend) -> None:
    """Serve the files of a frontend, and its `index.html` as `/` too."""
    for name, path in frontend.files():
        _add_file(app, name, path, frontend.policy, PAGE)
        if name == "index.html":
            add_route(app, "GET", "/", partial(_file, path, frontend.policy), PAGE)


def add_web_folders(app: web.Application, folders: Iterable[WebFolder], frontend: Frontend) -> None:
    """Serve the files that packs bring for the browser, under the policy of the pages."""
    for folder in folders:
        for name, path in folder.files():
            _add_file(app, name, path, frontend.policy, READ)


def _add_file(app: web.Application, name: str, path: Path, content_policy: str, policy: Policy) -> None:
    if "{" in name or "}" in name:
        return  # aiohttp would take it for a pattern
    handler = partial(_file, path, content_policy)
    add_route(app, "GET", f"/{name}".replace("%", "%25"), handler, policy)  # as aiohttp compares: only `%` is quoted


async def _file(path: Path, policy: str, request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": content_type(path), "Content-Security-Policy": policy, **_cache(path)}
    return web.FileResponse(path, headers=headers)


def _cache(path: Path) -> dict[str, str]:
    if path.name == "index.html":
        return FRESH
    if path.suffix in (".js", ".css") or (path.name.startswith("index") and path.suffix == ".json"):
        return {"Cache-Control": "no-cache"}
    return {"Cache-Control": "public, max-age=86400"} if path.suffix.lower() in PICTURES else {}
