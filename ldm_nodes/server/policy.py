"""Who may call a route, and with what kind of body. A route without a policy answers nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from aiohttp import web
from aiohttp.typedefs import Handler


class Body(Enum):
    """What a request may carry."""

    NONE = "nothing"
    JSON = "application/json"
    FORM = "multipart/form-data"
    ANY = "anything"


@dataclass(frozen=True)
class Policy:
    """The rule of a route. Host and origin are checked on every request, whatever its policy.

    Attributes:
        body: what browsers may send; of scripts, which no website can steer, any type is taken.
        open: no token is needed; for what tells nothing of anyone.
        page: other websites may link to it, for the browser then shows it by itself.
    """

    body: Body = Body.NONE
    open: bool = False
    page: bool = False


PAGE = Policy(open=True, page=True)
OPEN = Policy(open=True)
READ = Policy()
SOCKET = Policy()
CHANGE = Policy(Body.JSON)
UPLOAD = Policy(Body.FORM)
STORE = Policy(Body.ANY)
LOGIN = Policy(Body.JSON, open=True)

POLICIES: web.AppKey[dict[web.AbstractRoute, Policy]] = web.AppKey("policies", dict)


def add_route(app: web.Application, method: str, path: str, handler: Handler, policy: Policy) -> None:
    """Serve a path, under a rule; what can be got can be asked for without its body too."""
    resource = app.router.add_resource(path)
    for name in (method, "HEAD") if method == "GET" else (method,):
        app[POLICIES][resource.add_route(name, handler)] = policy
