"""What every request passes: who it is from, whether it may come in, and what every answer says about itself."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler

from ..jobs.errors import BadJob, StoreUnavailable, UnknownJob, WrongState
from ..settings import FileNotInFolder
from .access import BROWSER_HEADERS
from .frontend import STRICT
from .policy import OPEN, POLICIES, Body, Policy
from .quota import NoRoom
from .site import site_of, user_of

log = logging.getLogger(__name__)

EXPECTED: tuple[tuple[type[Exception], type[web.HTTPException]], ...] = (
    (UnknownJob, web.HTTPNotFound),
    (FileNotInFolder, web.HTTPNotFound),
    (WrongState, web.HTTPConflict),
    (BadJob, web.HTTPBadRequest),
    (StoreUnavailable, web.HTTPServiceUnavailable),
    (NoRoom, web.HTTPInsufficientStorage),
)
HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": STRICT,
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""What every answer says about itself; a page may bring a policy of its own."""
NO_PREFLIGHT_HEADER = "Comfy-User"
"""ComfyUI's client sets it on every request. A form cannot, and a script of another website is refused when it asks."""


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer failures: expected ones with a sentence, others with a number that stands in the log too."""
    try:
        return await handler(request)
    except web.HTTPException:
        raise
    except (ConnectionResetError, TimeoutError):
        raise
    except Exception as error:
        for kind, answer in EXPECTED:
            if isinstance(error, kind):
                raise answer(text=f"{error}\n") from error
        number = uuid.uuid4().hex[:8]
        log.exception("Request %s failed: %s %s", number, request.method, request.path)
        text = f"500 Internal Server Error\n\nThe log says more about it under {number}.\n"
        raise web.HTTPInternalServerError(text=text) from error


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let in what may come in."""
    policy = policy_of(request)
    access = site_of(request).access
    host = request.headers.get("Host")
    if host is None or not access.knows_host(host):
        raise web.HTTPMisdirectedRequest(
            text="This server does not go by that name; --allow-host or --public-url tell it one.\n"
        )
    site = request.headers.get("Sec-Fetch-Site")
    if access.is_foreign(request.headers.getall("Origin", []), site, host) and not _is_link(request, policy):
        raise web.HTTPForbidden(text="")
    if request.method == "OPTIONS":
        return web.Response()
    if user_of(request) is None and not policy.open:
        raise web.HTTPUnauthorized(
            text="This server asks for a token: send it as `Authorization: Bearer TOKEN`, or log in at /.\n",
            headers={"WWW-Authenticate": "Bearer"},
        )
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise web.HTTPUnsupportedMediaType(text="This server takes no compressed requests.\n")
    if not _may_carry(request, policy.body):
        raise web.HTTPUnsupportedMediaType(text=f"A browser sends {policy.body.value} here.\n")
    if isinstance(request.match_info.http_exception, web.HTTPNotFound):
        raise web.HTTPNotFound(text="")  # as in ComfyUI; newer clients try routes that are not there
    return await handler(request)


def policy_of(request: web.Request) -> Policy:
    """Return the rule for a request.

    Raises:
        HTTPForbidden: its route has none.
    """
    if request.match_info.http_exception is not None:
        return OPEN  # there is no such path or method: that is what the answer says
    policy = request.config_dict[POLICIES].get(request.match_info.route)
    if policy is None:
        raise web.HTTPForbidden(text="This route has no rule that says who may call it.\n")
    return policy


async def on_prepare(request: web.Request, response: web.StreamResponse) -> None:
    """Put the headers on an answer; what a handler has set stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.pop("Server", None)
    if response.status == 404 and request.path.endswith(".css"):
        response.content_type = "text/css"  # of any other type browsers say that it was refused


def is_browser(request: web.Request) -> bool:
    """Say whether a request looks as if a browser made it; scripts send none of these headers."""
    return any(name in request.headers for name in BROWSER_HEADERS)


def _is_link(request: web.Request, policy: Policy) -> bool:
    """Say whether a browser follows a link of another website to one of our pages, which it then shows by itself."""
    headers = request.headers
    navigates = headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest", "document") == "document"
    return policy.page and request.method in ("GET", "HEAD") and navigates and "Origin" not in headers


def _may_carry(request: web.Request, body: Body) -> bool:
    if body is Body.ANY or not request.can_read_body or not is_browser(request):
        return True
    if body is Body.JSON and NO_PREFLIGHT_HEADER in request.headers:
        return True
    return bool(request.content_type == body.value)
