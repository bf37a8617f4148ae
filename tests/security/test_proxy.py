"""A server behind a reverse proxy under a sub-path works with all checks on (threat 11)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ldm_nodes.server.access import Access
from tests.jobs.pack import graph_of
from tests.server.house import Answer, House, serving

PUBLIC = "https://pictures.example"
PREFIX = "/ldm"
AT_ONCE = aiohttp.ClientWSTimeout(ws_close=0.1)
TOKEN = "a-token-of-some-length"


class Proxy:
    """A proxy as people set one up: it takes the prefix off, and passes its own or the browser's `Host` on."""

    def __init__(self, house: House, passes_host: bool) -> None:
        self._house, self._passes_host = house, passes_host

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send what a browser sends that shows a page of the public address."""
        assert path.startswith(PREFIX)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        browser = {"Origin": PUBLIC, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
        host = "pictures.example" if self._passes_host else self._house.host
        proxied = {"Host": host, "X-Forwarded-Host": "pictures.example", "X-Forwarded-Proto": "https"}
        return self._house.ask(method, path.removeprefix(PREFIX), body, {**browser, **proxied, **told})


@pytest.fixture(params=[True, False], ids=["host passed on", "host replaced"])
def proxy(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Proxy]:
    access = Access(frozenset({"pictures.example"}), frozenset({PUBLIC}), tokens={TOKEN: ""})
    with serving(tmp_path, access=access) as house:
        yield Proxy(house, request.param)


def _log_in(proxy: Proxy) -> str:
    answer = proxy.ask("POST", "/ldm/login", {"token": TOKEN})
    assert answer.status == 204
    assert "Secure" in answer.headers["set-cookie"]
    return answer.headers["set-cookie"].split(";")[0]


def test_a_browser_logs_in_and_queues_through_a_proxy(proxy: Proxy) -> None:
    cookie = _log_in(proxy)
    answer = proxy.ask("POST", "/ldm/prompt", {"prompt": graph_of()}, Cookie=cookie)
    assert answer.status == 200, answer.text
    assert proxy.ask("GET", "/ldm/history", Cookie=cookie).status == 200


def test_the_checks_stay_on(proxy: Proxy) -> None:
    cookie = _log_in(proxy)
    graph = {"prompt": graph_of()}
    assert proxy.ask("POST", "/ldm/prompt", graph).status == 401
    for origin in ("https://evil.example", "http://pictures.example", "https://pictures.example.evil.test", "null"):
        assert proxy.ask("POST", "/ldm/prompt", graph, Cookie=cookie, Origin=origin).status == 403
    assert proxy.ask("POST", "/ldm/prompt", graph, Cookie=cookie, Sec_Fetch_Site="cross-site").status == 403
    forged = {"Host": "evil.example", "X_Forwarded_Host": "pictures.example"}
    assert proxy.ask("POST", "/ldm/prompt", graph, Cookie=cookie, **forged).status == 421


def test_pages_name_everything_relative_to_where_they_are(proxy: Proxy) -> None:
    page = proxy.ask("GET", "/ldm/").text + proxy.ask("GET", "/ldm/page.js").text
    for start in ('href="/', 'src="/', 'fetch("/', 'ask("/', "ask(`/"):
        assert start not in page


def test_a_real_proxy_carries_sockets_too(tmp_path: Path) -> None:
    access = Access(frozenset({"pictures.example"}), frozenset({PUBLIC}), tokens={TOKEN: ""})
    with serving(tmp_path, access=access) as house:
        told = asyncio.run(_through_a_proxy(house))
    assert told[0]["type"] == "status"
    assert told[-1] == {"type": "executing", "data": {"node": None, "prompt_id": told[-1]["data"]["prompt_id"]}}


async def _through_a_proxy(house: House) -> list[dict[str, Any]]:
    """Run a graph through a proxy and return what its socket tells."""
    async with aiohttp.ClientSession() as upstream:
        runner = web.AppRunner(_proxy(house, upstream), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}{PREFIX}"
        headers = {"Origin": PUBLIC, "Authorization": f"Bearer {TOKEN}"}
        async with (
            aiohttp.ClientSession(headers=headers) as browser,
            browser.ws_connect(f"{url}/ws?clientId=me", timeout=AT_ONCE) as socket,
        ):
            await browser.post(f"{url}/prompt", json={"prompt": graph_of(), "client_id": "me"})
            told = []
            async for frame in socket:
                told.append(json.loads(frame.data))
                if told[-1]["type"] == "executing" and told[-1]["data"]["node"] is None:
                    break
        await runner.cleanup()
    return told


def _proxy(house: House, upstream: aiohttp.ClientSession) -> web.Application:
    async def forward(request: web.Request) -> web.StreamResponse:
        url = f"http://{house.host}{request.path_qs.removeprefix(PREFIX)}"
        kept = ("Origin", "Authorization", "Content-Type")
        headers = {name: request.headers[name] for name in kept if name in request.headers}
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await _forward_socket(request, upstream, url, headers)
        async with upstream.request(request.method, url, data=await request.read(), headers=headers) as answer:
            return web.Response(body=await answer.read(), status=answer.status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    return app


async def _forward_socket(
    request: web.Request, upstream: aiohttp.ClientSession, url: str, headers: dict[str, str]
) -> web.WebSocketResponse:
    near = web.WebSocketResponse()
    async with upstream.ws_connect(url, headers=headers) as far:
        await near.prepare(request)
        async for frame in far:
            if frame.type is not aiohttp.WSMsgType.TEXT or near.closed:
                break
            await near.send_str(frame.data)
    return near
