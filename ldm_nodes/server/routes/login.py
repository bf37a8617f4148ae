"""`/login` and `/logout`: a browser trades its token for a cookie that scripts of pages cannot read."""

from __future__ import annotations

import asyncio

from aiohttp import web

from ..access import COOKIE, session_of
from ..body import json_answer, read_object
from ..site import site_of, user_of

SECONDS = 30 * 86_400
WAIT_AFTER_WRONG = 0.5


async def standing(request: web.Request) -> web.Response:
    """Answer whether a token is asked for, and whose the request's is: null for a stranger, empty for everything."""
    return json_answer({"asks": bool(site_of(request).access.tokens), "user": user_of(request)})


async def login(request: web.Request) -> web.Response:
    """Take a token and set the cookie."""
    access = site_of(request).access
    token = str((await read_object(request)).get("token", ""))
    if not access.tokens or access.user_of(token, None) is None:
        await asyncio.sleep(WAIT_AFTER_WRONG)
        raise web.HTTPForbidden(text="This is not a token of this server.\n")
    response = web.Response(status=204)
    response.set_cookie(
        COOKIE, session_of(token), max_age=SECONDS, httponly=True, samesite="Strict", secure=_is_secure(request)
    )
    return response


async def logout(request: web.Request) -> web.Response:
    """Take the cookie back."""
    response = web.Response(status=204)
    response.del_cookie(COOKIE)
    return response


def _is_secure(request: web.Request) -> bool:
    return request.secure or request.headers.get("Origin", "").startswith("https://")
