"""A model that a graph lacks is fetched by the server, where whoever runs it allows that."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.server.program import Program, running

from .workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Route

SOURCE = "https://huggingface.co/somebody/models/resolve/main/v9.safetensors"
DOCUMENT = {
    "version": 0.4,
    "nodes": [
        {
            "id": 1,
            "type": "CheckpointLoaderSimple",
            "pos": [0, 0],
            "size": [240, 100],
            "widgets_values": ["v9.safetensors"],
            "properties": {"models": [{"name": "v9.safetensors", "url": SOURCE, "directory": "checkpoints"}]},
        }
    ],
    "links": [],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    base = tmp_path_factory.mktemp("downloads") / "base"
    base.mkdir()
    with running(base, "--allow-downloads") as program:
        yield program


def test_a_missing_model_is_asked_for_and_its_job_is_followed(bench: Workbench, server: Program) -> None:
    graph = server.get("/graphs/txt2img")
    graph["3"]["inputs"]["steps"] = 1
    job: dict[str, Any] = {}

    def stand_in(route: Route) -> None:
        """Take the order as the server would, with a job that does something else: nothing is fetched in a test."""
        job["asked"] = json.loads(route.request.post_data or "")
        server.ask("POST", "/jobs/pause")
        job["id"] = server.queue(graph)
        route.fulfill(status=201, json=server.job(job["id"]))

    bench.page.route("**/downloads", stand_in)
    bench.page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text); document.body.dispatchEvent("
        "new ClipboardEvent('paste', {bubbles: true, cancelable: true, clipboardData: data})); }",
        json.dumps(DOCUMENT),
    )
    bench.page.locator(".node-card").first.wait_for()
    bench.page.keyboard.press("Escape")
    panel = bench.panel("Models")
    panel.get_by_role("button", name="Download").click()
    expect(panel.get_by_role("button", name="In the queue")).to_be_disabled()
    assert job["asked"] == {"source": SOURCE, "to": "checkpoints", "name": "v9.safetensors"}
    server.ask("POST", "/jobs/resume")
    expect(bench.page.locator(".notices")).to_contain_text("v9.safetensors is here now.")
