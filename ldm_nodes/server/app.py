"""A running server from its parts: routes, middleware, and what happens at the start and at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from ..jobs.job import GRAPH
from ..jobs.page import JobFilter
from ..jobs.state import UNFINISHED
from .middleware import errors, guard, on_prepare
from .pages import add_pages, add_web_folders
from .policy import POLICIES, add_route
from .routes import ROUTES
from .site import SITE, Site


def make_app(site: Site) -> web.Application:
    """Return the application of a server.

    Args:
        site: its parts.
    """
    app = web.Application(middlewares=[errors, guard], client_max_size=site.limits.upload)
    app[SITE] = site
    app[POLICIES] = {}
    for route in ROUTES:
        for path in (route.path, f"/api{route.path}") if route.mirrored else (route.path,):
            add_route(app, route.method, path, route.handler, route.policy)
    add_pages(app, site.frontend)
    add_web_folders(app, site.web_folders, site.frontend)
    app.on_response_prepare.append(on_prepare)
    app.cleanup_ctx.append(_feed)
    app.on_shutdown.append(_close_sockets)
    return app


async def _feed(app: web.Application) -> AsyncIterator[None]:
    """Let the hub hear the queue while the server runs."""
    site = app[SITE]
    store = site.desk.store
    loop = asyncio.get_running_loop()
    unfinished = await asyncio.to_thread(store.briefs, JobFilter(UNFINISHED, kind=GRAPH))
    site.hub.open(loop, unfinished)
    end = site.desk.subscribe(site.hub.hear)
    site.logs.listener = site.hub.hear_log
    yield
    site.logs.listener = None
    end()


async def _close_sockets(app: web.Application) -> None:
    await app[SITE].hub.close()
