"""What handlers ask for: the parts of a running server, put together by the application."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from ..engine.cost_model import Span
from ..engine.registry import Registry
from ..jobs.desk import JobDesk
from ..settings import Folders
from .access import COOKIE, Access
from .catalogue import CatalogueCache
from .frontend import Frontend
from .hub import Hub
from .logs import LogBook
from .quota import Quotas
from .translations import Translations
from .web_folders import WebFolder

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Limits:
    """How much one client may ask of the server.

    Attributes:
        upload: bytes of one request; ComfyUI's `--max-upload-size`.
        sockets: sockets open at once, and as many streams of events.
        connections: connections of all clients; fewer than the 1,024 files that a process may usually open.
        header_seconds: how long the headers of a connection's first request may take to arrive.
        read_seconds: how long the body of a request may take to arrive.
        nodes: nodes of one graph.
        inputs: values and wires of one graph.
        jobs: graphs that wait.
    """

    upload: int = 100 << 20
    sockets: int = 512
    connections: int = 900
    header_seconds: float = 20.0
    read_seconds: float = 120.0
    nodes: int = 100_000
    inputs: int = 300_000
    jobs: int = 100_000


def _nothing(unload_models: bool, free_memory: bool) -> None:
    """Give nothing back: for a server whose jobs run elsewhere."""


def _at_any_time() -> bool:
    return True


def _nobody_knows(owner: str | None) -> Mapping[str, Span]:
    return {}


def _no_packs() -> list[Json]:
    return []


def _no_stats() -> Json:
    return {"system": {}, "devices": []}


@dataclass(frozen=True)
class Site:
    """The parts of a server.

    Attributes:
        registry: the nodes that there are.
        folders: where models and pictures are; a request asks `folders_of` for those that it may see.
        desk: the queue.
        hub: the sockets.
        access: who comes in.
        user_folder: where settings and workflows of users are kept.
        frontend: the pages.
        catalogue: the answers to `/object_info`.
        graphs: a folder of example graphs, or None.
        web_folders: what node packs bring for the browser.
        translations: what node packs translate for editors.
        packs: tells what became of node packs.
        nodes_ready: says whether the registry is full: packs may still be loading when the server begins.
        limits: how much is too much.
        quotas: how much of the disk users may fill.
        logs: the last lines of the log.
        stats: answers `/system_stats`.
        free: called as `free(unload_models, free_memory)`.
        foresees: says whether graphs are looked at together with the files that they name.
        forecast: returns job id to the seconds until a user's waiting job is done, where that can be told.
        downloads: models may be fetched from the network.
        to_python: writes a graph, whose files are in the folders, as Python source; None where that cannot be done.
    """

    registry: Registry
    folders: Folders
    desk: JobDesk
    hub: Hub
    access: Access
    user_folder: Path
    frontend: Frontend
    catalogue: CatalogueCache = field(default_factory=CatalogueCache)
    graphs: Path | None = None
    web_folders: tuple[WebFolder, ...] = ()
    translations: Translations = field(default_factory=Translations)
    packs: Callable[[], list[Json]] = _no_packs
    nodes_ready: Callable[[], bool] = _at_any_time
    limits: Limits = Limits()
    quotas: Quotas = field(default_factory=Quotas)
    logs: LogBook = field(default_factory=LogBook)
    stats: Callable[[], Json] = _no_stats
    free: Callable[[bool, bool], None] = _nothing
    foresees: Callable[[], bool] = _at_any_time
    forecast: Callable[[str | None], Mapping[str, Span]] = _nobody_knows
    downloads: bool = False
    to_python: Callable[[Json, Folders], str] | None = None


SITE: web.AppKey[Site] = web.AppKey("site", Site)


def site_of(request: web.Request) -> Site:
    """Return the server that a request came to."""
    return request.config_dict[SITE]


def user_of(request: web.Request) -> str | None:
    """Return who sent a request: a user's name, the empty one for who may see everything, None for a stranger."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" and token.strip() else None
    return site_of(request).access.user_of(bearer, request.cookies.get(COOKIE))


def owner_of(request: web.Request) -> str | None:
    """Return whose jobs and files a request may see; None for everyone's."""
    return user_of(request) or None


def folders_of(request: web.Request) -> Folders:
    """Return the folders that a request may see: of a user the models, and his own pictures."""
    return site_of(request).folders.of_user(owner_of(request) or "")


def keeper_of(request: web.Request) -> Site:
    """Return the server, to whoever may do what concerns all its users.

    Raises:
        HTTPForbidden: the request is one user's.
    """
    if owner_of(request) is not None:
        raise web.HTTPForbidden(text="This concerns all users; only the server's own token may.\n")
    return site_of(request)
