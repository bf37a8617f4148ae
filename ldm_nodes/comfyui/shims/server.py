"""`server`: what packs know of the web server. Routes that they add are served beside ours, never in their place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiohttp import web

from ..executing import executing
from .host import host
from .protocol import BinaryEventTypes

Handler = Callable[[dict[str, Any]], Any]


class PromptServer:
    """The server as packs know it; there is one, `PromptServer.instance`.

    Attributes:
        routes: takes routes by its decorators; the program serves them when all packs are loaded.
        on_prompt_handlers: functions that may change a prompt before it is looked at.
    """

    instance: PromptServer

    def __init__(self) -> None:
        self.routes = web.RouteTableDef()
        self.on_prompt_handlers: list[Handler] = []
        self.supports = ["custom_nodes_from_web"]
        self.messages: list[Any] = []
        self.sockets: dict[str, Any] = {}
        self.sockets_metadata: dict[str, Any] = {}
        self.last_prompt_id: str | None = None
        self.number = 0
        self.address, self.port = "127.0.0.1", int(host().arguments.get("port", 8188))

    @property
    def app(self) -> web.Application:
        """Raise: middlewares and static folders of packs are not taken into the application."""
        raise AttributeError("PromptServer.app is not handed out; add routes to PromptServer.instance.routes.")

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop of the asking code."""
        return asyncio.get_event_loop_policy().get_event_loop()

    @property
    def client_id(self) -> str | None:
        """The client that waits for the run at work, or None."""
        context = executing()
        return host().client_of(context.run_id) if context is not None else None

    @property
    def last_node_id(self) -> str | None:
        """The node at work."""
        context = executing()
        return context.node_id if context is not None else None

    def send_sync(self, event: str | int, data: Any, sid: str | None = None) -> None:
        """Send a message from any thread.

        Args:
            event: its name, or a number of `BinaryEventTypes`.
            data: what JSON can hold; for pictures `(format, picture, longest side)`.
            sid: to whom; None is to all.
        """
        context = executing()
        if isinstance(event, int) and event != BinaryEventTypes.TEXT:
            picture = data[0] if event == BinaryEventTypes.PREVIEW_IMAGE_WITH_METADATA else data
            if context is not None:
                context.preview(picture[1])
            return
        host().send(str(event), data, sid)

    async def send(self, event: str | int, data: Any, sid: str | None = None) -> None:
        """Send a message; see `send_sync`."""
        self.send_sync(event, data, sid)

    send_json = send

    def send_progress_text(self, text: str, node_id: str, sid: str | None = None) -> None:
        """Show a text on a node at work."""
        host().send("progress_text", {"node": node_id, "text": str(text)}, sid or self.client_id)

    def queue_updated(self) -> None:
        """Tell all clients how many jobs there are."""
        host().send("status", {"status": self.get_queue_info()}, None)

    def get_queue_info(self) -> dict[str, Any]:
        """Return how many jobs there are."""
        return {"exec_info": {"queue_remaining": host().pending()}}

    def add_on_prompt_handler(self, handler: Handler) -> None:
        """Let a function see, and change, what clients send to `/prompt`."""
        self.on_prompt_handlers.append(handler)

    def trigger_on_prompt(self, json_data: dict[str, Any]) -> dict[str, Any]:
        """Return what the packs' functions make of a request, one after the other."""
        for handler in self.on_prompt_handlers:
            json_data = handler(json_data)
        return json_data

    def add_routes(self) -> None:
        """Do nothing: routes are added by the program."""


def routes_since(count: int = 0) -> tuple[web.RouteDef, ...]:
    """Return the routes that packs have added, from the one with this number on; folders to serve are left out."""
    return tuple(route for route in list(PromptServer.instance.routes)[count:] if isinstance(route, web.RouteDef))


PromptServer.instance = PromptServer()
__all__ = ["BinaryEventTypes", "PromptServer", "routes_since", "web"]
