"""Packs with routes and messages."""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module

from aiohttp.test_utils import make_mocked_request

from .bench import Bench, node


def test_routes_are_collected_and_answer(bench: Bench) -> None:
    bench.load("server_side")
    server = import_module("server")
    (route,) = server.routes_since()
    assert (route.method, route.path) == ("GET", "/server_side/hello")
    answer = asyncio.run(route.handler(make_mocked_request("GET", "/server_side/hello?name=you")))
    assert answer.text == '{"hello": "you"}'
    assert server.PromptServer.instance.trigger_on_prompt({"prompt": {}}) == {"prompt": {}, "seen": True}


def test_messages_go_to_the_client_of_the_run(bench: Bench) -> None:
    bench.load("server_side")
    result = bench.run({"a": node("Tell", text="hi")})
    assert bench.sent == [("server_side.told", {"text": "hi"}, "somebody")]
    assert result.ui["a"]["text"] == ["hi"]


def test_every_module_can_be_imported_under_its_name(bench: Bench) -> None:
    bench.load("server_side")
    from ldm_nodes.comfyui.shims.install import names

    for name in sorted(names()):
        assert import_module(name) is sys.modules[name]
    assert len(names()) > 70
