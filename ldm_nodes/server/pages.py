"""The files of the pages, each under its own name and no other."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from aiohttp import web

from .frontend import Frontend, content_type
from .policy import PAGE, add_route

FRESH = {"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "0"}
PICTURES = frozenset({".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"})


def add_pages(app: web.Application, frontend: Frontend) -> None:
    """Serve the files of a frontend, and its `index.html` as `/` too."""
    for name, path in frontend.files():
        if "{" in name or "}" in name:
            continue  # aiohttp would take it for a pattern
        handler = partial(_file, path, frontend.policy)
        add_route(app, "GET", f"/{name}".replace("%", "%25"), handler, PAGE)  # as aiohttp compares: only `%` is quoted
        if name == "index.html":
            add_route(app, "GET", "/", handler, PAGE)


async def _file(path: Path, policy: str, request: web.Request) -> web.StreamResponse:
    headers = {"Content-Type": content_type(path), "Content-Security-Policy": policy, **_cache(path)}
    return web.FileResponse(path, headers=headers)


def _cache(path: Path) -> dict[str, str]:
    if path.name == "index.html":
        return FRESH
    if path.suffix in (".js", ".css") or (path.name.startswith("index") and path.suffix == ".json"):
        return {"Cache-Control": "no-cache"}
    return {"Cache-Control": "public, max-age=86400"} if path.suffix.lower() in PICTURES else {}
