"""Every URL of the server and who may call it, on one page. Each handler is in the file of its noun.

The rule of this folder: a handler reads the request, asks one part of the site, and answers; everything that takes a
disk's time is done in a thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp.typedefs import Handler

from ..policy import CHANGE, LOGIN, OPEN, READ, SOCKET, STORE, UPLOAD, Policy
from ..waiting import with_nodes
from . import (
    batches,
    documents,
    downloads,
    events,
    experiment,
    gallery,
    history,
    images,
    internal,
    jobs,
    journal,
    login,
    models,
    monitoring,
    objects,
    pictures,
    prompt,
    queue,
    settings,
    standing,
    system,
    uploads,
    userdata,
    ws,
)


@dataclass(frozen=True)
class Route:
    """One URL.

    Attributes:
        method: of the request.
        path: as aiohttp writes it.
        handler: answers.
        policy: who may call it.
        mirrored: it stands under `/api` too.
    """

    method: str
    path: str
    handler: Handler
    policy: Policy
    mirrored: bool = True


ROUTES: tuple[Route, ...] = (
    # ComfyUI's
    Route("GET", "/ws", ws.connect, SOCKET),
    Route("GET", "/prompt", prompt.remaining, READ),
    Route("POST", "/prompt", with_nodes(prompt.submit), CHANGE),
    Route("GET", "/queue", queue.show, READ),
    Route("POST", "/queue", queue.change, CHANGE),
    Route("POST", "/interrupt", queue.interrupt, CHANGE),
    Route("POST", "/free", queue.free, CHANGE),
    Route("GET", "/history", history.show, READ),
    Route("GET", "/history/{prompt_id}", history.show_one, READ),
    Route("POST", "/history", history.change, CHANGE),
    Route("GET", "/object_info", with_nodes(objects.show), READ),
    Route("GET", "/object_info/{name}", with_nodes(objects.show_one), READ),
    Route("GET", "/view", images.view, READ),
    Route("POST", "/upload/image", uploads.image, UPLOAD),
    Route("POST", "/upload/mask", uploads.mask, UPLOAD),
    Route("GET", "/view_metadata/{folder}", models.metadata, READ),
    Route("GET", "/embeddings", models.embeddings, READ),
    Route("GET", "/models", models.kinds, READ),
    Route("GET", "/models/{folder}", models.names, READ),
    Route("GET", "/system_stats", system.stats, READ),
    Route("GET", "/features", system.features, READ),
    Route("GET", "/extensions", system.extensions, READ),
    Route("GET", "/i18n", system.translations, READ),
    Route("GET", "/workflow_templates", gallery.packs, READ),
    Route("GET", "/api/workflow_templates/{pack}/{file}", gallery.of_pack, READ, mirrored=False),
    Route("GET", "/users", settings.users, READ),
    Route("POST", "/users", settings.add_user, CHANGE),
    Route("GET", "/settings", settings.show, READ),
    Route("POST", "/settings", settings.merge, CHANGE),
    Route("GET", "/settings/{name}", settings.show_one, READ),
    Route("POST", "/settings/{name}", settings.change, CHANGE),
    Route("GET", "/userdata", userdata.listing, READ),
    Route("GET", "/v2/userdata", userdata.tree, READ),
    Route("GET", "/userdata/{file}", userdata.show, READ),
    Route("POST", "/userdata/{file}", userdata.store, STORE),
    Route("DELETE", "/userdata/{file}", userdata.delete, READ),
    Route("POST", "/userdata/{file}/move/{dest}", userdata.move, STORE),
    Route("GET", "/experiment/models", experiment.kinds, READ),
    Route("GET", "/experiment/models/{folder}", experiment.files, READ),
    Route("GET", "/experiment/models/preview/{folder}/{index}/{name:.*}", experiment.preview, READ),
    Route("GET", "/internal/logs", internal.logs, READ, mirrored=False),
    Route("GET", "/internal/logs/raw", internal.raw_logs, READ, mirrored=False),
    Route("PATCH", "/internal/logs/subscribe", internal.subscribe, CHANGE, mirrored=False),
    Route("GET", "/internal/folder_paths", internal.folder_paths, READ, mirrored=False),
    Route("GET", "/internal/files/{kind}", internal.files, READ, mirrored=False),
    # our own
    Route("GET", "/jobs", jobs.page, READ),
    Route("POST", "/jobs", with_nodes(jobs.submit), CHANGE),
    Route("GET", "/jobs/events", events.stream, READ),
    Route("GET", "/jobs/overview", standing.overview, READ),
    Route("GET", "/jobs/pictures", pictures.page, READ),
    Route("POST", "/jobs/pause", jobs.pause, CHANGE),
    Route("POST", "/jobs/resume", jobs.resume, CHANGE),
    Route("GET", "/jobs/{id}", jobs.show, READ),
    Route("DELETE", "/jobs/{id}", jobs.delete, READ),
    Route("GET", "/jobs/{id}/events", events.stream_one, READ),
    Route("GET", "/jobs/{id}/log", standing.log, READ),
    Route("POST", "/jobs/{id}/cancel", jobs.cancel, CHANGE),
    Route("POST", "/jobs/{id}/retry", jobs.retry, CHANGE),
    Route("POST", "/jobs/{id}/priority", jobs.prioritise, CHANGE),
    Route("POST", "/jobs/{id}/move", jobs.move, CHANGE),
    Route("GET", "/batches/{id}", batches.show, READ),
    Route("POST", "/batches/{id}/cancel", batches.cancel, CHANGE),
    Route("POST", "/downloads", downloads.submit, CHANGE),
    Route("GET", "/gallery", with_nodes(gallery.index), READ),
    Route("GET", "/graphs", gallery.graphs, READ),
    Route("GET", "/graphs/{name}", gallery.graph, READ),
    Route("GET", "/graphs/{name}/picture", gallery.picture, READ),
    Route("POST", "/export/python", with_nodes(documents.python), CHANGE),
    Route("POST", "/requirements", with_nodes(documents.needs), CHANGE),
    Route("GET", "/journal", journal.documents, READ),
    Route("GET", "/journal/{document}", journal.versions, READ),
    Route("POST", "/journal/{document}", journal.append, CHANGE),
    Route("DELETE", "/journal/{document}", journal.delete, READ),
    Route("POST", "/journal/{document}/move/{target}", journal.move, CHANGE),
    Route("GET", "/journal/{document}/{version}", journal.show, READ),
    Route("GET", "/login", login.standing, OPEN),
    Route("POST", "/login", login.login, LOGIN),
    Route("POST", "/logout", login.logout, LOGIN),
    Route("GET", "/packs", with_nodes(system.packs), READ),
    Route("GET", "/health", monitoring.health, OPEN),
    Route("GET", "/metrics", monitoring.metrics, READ),
)
