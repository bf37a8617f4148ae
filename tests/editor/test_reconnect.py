"""However often the wire breaks, the page shows in the end what the server knows; a reload in mid-run too."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.program import PATIENCE, Program, running

from .wire import Wire, wired
from .workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

CUTS = 100
BROKEN = ("WebSocket connection to", "400 POST /prompt")
"""A browser sends a request whose connection broke once more, and the job that it asks for is there already."""


@pytest.fixture
def wire(server: Program) -> Iterator[Wire]:
    with wired(server.port) as wire:
        yield wire


@pytest.fixture
def far(wire: Wire, browser: BrowserContext) -> Iterator[Workbench]:
    """The editor, at the other end of a wire."""
    bench = Workbench.open(browser, wire.url)
    bench.expected = BROKEN
    yield bench
    bench.page.close()
    assert bench.complaints == []


@pytest.fixture
def graph(server: Program) -> Any:
    return server.get("/graphs/txt2img")


def begin(bench: Workbench) -> None:
    """Run, and wait until the server is at work on it."""
    bench.run()
    bench.page.wait_for_selector(".node-card[data-state=running]")


def connected(bench: Workbench) -> None:
    bench.page.locator(".status-lost").wait_for(state="detached")


def test_a_hundred_broken_wires_change_nothing_in_the_end(
    far: Workbench, wire: Wire, server: Program, graph: Any
) -> None:
    graph["3"]["inputs"] |= {"steps": 150, "seed": 1}
    far.open_graph(server, graph)
    begin(far)
    chance = random.Random(1)
    for _ in range(CUTS):
        wire.cut()
        far.page.wait_for_timeout(chance.uniform(0, 20))
        wire.lay()
        far.page.wait_for_timeout(chance.uniform(0, 100))
    far.finish()
    connected(far)
    job = server.get("/jobs?limit=1")["jobs"][0]
    log = [event for event in server.get(f"/jobs/{job['id']}/log")["events"] if event["event"] == "executed"]
    told = {event["data"]["node_id"]: "reused" if event["data"]["reused"] else "done" for event in log}
    titles = {node["_meta"]["title"]: told[node_id] for node_id, node in graph.items()}
    assert far.states() == titles
    file = log[-1]["data"]["ui"]["images"][0]["filename"]
    assert far.node("Save").locator(".node-picture").get_attribute("title") == file
    assert far.page.locator(".queue-count").count() == 0


def test_a_lost_connection_is_said_and_its_return_too(far: Workbench, wire: Wire) -> None:
    wire.cut()
    far.page.locator(".status-lost").wait_for()
    assert "No connection to the server" in far.page.locator(".statusline").inner_text()
    wire.lay()
    connected(far)


def test_runs_that_end_while_the_wire_is_cut_are_shown_when_it_is_back(
    far: Workbench, wire: Wire, server: Program, graph: Any
) -> None:
    graph["3"]["inputs"] |= {"steps": 60, "seed": 2}
    far.open_graph(server, graph)
    begin(far)
    job = server.get("/jobs?limit=1")["jobs"][0]["id"]
    wire.cut()
    far.page.locator(".status-lost").wait_for()
    server.finish(job)
    assert far.page.locator(".run").get_attribute("data-phase") in ("queued", "running")
    wire.lay()
    far.finish()
    assert far.states()["Save"] == "done"


def test_a_page_that_is_loaded_again_in_mid_run_shows_the_run_and_its_picture(
    far: Workbench, server: Program, graph: Any
) -> None:
    graph["3"]["inputs"] |= {"steps": 150, "seed": 5}
    far.open_graph(server, graph)
    begin(far)
    far.page.locator(".node-card[data-state=running]:has-text('/ 150')").wait_for()
    far.page.reload()
    far.ready()
    far.page.locator(".node-card[data-state=running]:has-text('/ 150')").wait_for()
    assert far.states()["Prompt"] in ("done", "reused")
    far.finish()
    far.node("Save").locator(".node-picture img").wait_for()
    far.page.reload()
    far.ready()
    far.node("Save").locator(".node-picture img").wait_for()
    assert far.states()["Sample"] == "done"


def test_another_job_of_the_same_graph_colours_nothing(far: Workbench, server: Program, graph: Any) -> None:
    graph["3"]["inputs"] |= {"steps": 4, "seed": 3}
    far.open_graph(server, graph)
    server.finish(server.queue(copy.deepcopy(graph)))
    far.panel("Queue").get_by_text("from elsewhere").first.wait_for()
    assert set(far.states().values()) == {"idle"}


def test_a_server_that_dies_in_mid_run_goes_on_with_it_and_the_page_sees_that(
    tmp_path: Path, browser: BrowserContext
) -> None:
    base = tmp_path / "base"
    base.mkdir()
    first = Program(base)
    with wired(first.port) as wire:
        bench = Workbench.open(browser, wire.url)
        bench.expected = BROKEN
        graph = first.get("/graphs/txt2img")
        graph["3"]["inputs"] |= {"steps": 100, "seed": 4}
        bench.open_graph(first, graph)
        begin(bench)
        first.kill()
        bench.page.locator(".status-lost").wait_for()
        with running(base) as second:
            wire.lay(second.port)
            connected(bench)
            job = second.get("/jobs?limit=1")["jobs"][0]["id"]
            [ended] = second.finish(job)
            bench.page.wait_for_selector(f".run[data-phase={ended['state']}]", timeout=PATIENCE * 1000)
            bench.page.close()
        assert bench.complaints == []
