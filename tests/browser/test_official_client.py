"""ComfyUI's own client, unchanged, in a browser: it finds a server that behaves as its own does."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ldm_nodes.cli import main
from tests.server.program import Program, running

from .chromium import Client, browsing, why_not

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(why_not()), reason=why_not())]

GRAPHS = Path(__file__).parents[2] / "graphs"
TXT2IMG = GRAPHS / "txt2img.json"
RUN_SECONDS = 12.0
"""How long a run lasts that a page is reloaded in: several times as long as loading the page takes."""
MOST_STEPS = 1000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    base = tmp_path_factory.mktemp("browser") / "base"
    base.mkdir()
    with running(base, "--frontend", "comfyui") as program:
        # Not the first visit: there would be a dialog over the canvas.
        assert program.ask("POST", "/settings", {"Comfy.TutorialCompleted": True}) == (200, "")
        yield program


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    with browsing() as context:
        yield context


@pytest.fixture
def client(server: Program, browser: BrowserContext) -> Iterator[Client]:
    client = Client(browser, server.url)
    yield client
    client.close()
    assert client.complaints == []


@pytest.mark.parametrize(("form", "seed"), [("api", 42), ("ui", 7)])
def test_a_graph_opens_runs_and_shows_its_progress_and_its_picture(
    client: Client, server: Program, tmp_path: Path, form: str, seed: int
) -> None:
    graph, path = _graph(seed=seed), tmp_path / f"{form}.json"
    (tmp_path / "graph").write_text(json.dumps(graph))
    assert main(["convert", str(tmp_path / "graph"), str(path), "--to", form]) == 0
    client.open(path)
    posted = client.queue()
    assert _essence(posted["prompt"]) == _essence(graph)
    address = client.picture("SaveImage")
    assert client.picture("KSampler").startswith("blob:")  # the last preview
    assert any(re.search(r"\[\d+%]\[\d+%] KSampler", title) for title in client.titles())

    (entry,) = [entry for entry in server.get("/history").values() if _client_of(entry) == posted["client_id"]]
    assert entry["status"]["status_str"] == "success"
    (image,) = entry["outputs"]["9"]["images"]
    assert f"filename={image['filename']}&" in address

    client.page.locator(".queue-tab-button").click()
    client.wait("name => document.querySelector(`.task-item img[src*='${name}']`)?.naturalWidth > 0", image["filename"])


def test_settings_and_workflows_are_there_after_a_reload(client: Client, server: Program) -> None:
    client.open(TXT2IMG)
    client.page.evaluate("app.extensionManager.setting.set('Comfy.ConfirmClear', false)")
    client.page.keyboard.press("Control+s")
    name = client.page.locator(".prompt-dialog-content input")
    name.fill("a fox & a horse")
    with client.page.expect_response(lambda answer: "/api/userdata/workflows%2F" in answer.url):
        name.press("Enter")
    client.wait("document.title === 'a fox & a horse - ComfyUI'")  # no star: it is saved

    client.reload()
    assert client.page.evaluate("app.extensionManager.setting.get('Comfy.ConfirmClear')") is False
    client.page.locator(".workflows-tab-button").click()
    client.page.locator(".comfyui-workflows-browse").get_by_text("a fox & a horse").click()
    client.wait("app.extensionManager.workflow.activeWorkflow?.path === 'workflows/a fox & a horse.json'")
    kept = server.get("/userdata/workflows%2Fa%20fox%20&%20a%20horse.json")
    assert sorted(node["type"] for node in kept["nodes"]) == sorted(
        node["class_type"] for node in json.loads(TXT2IMG.read_text()).values()
    )


def test_a_reload_in_mid_run_shows_the_run_again_and_its_picture_at_the_end(
    client: Client, server: Program, tmp_path: Path
) -> None:
    steps = min(MOST_STEPS, math.ceil(RUN_SECONDS / _seconds_per_step(server)))
    path = tmp_path / "long.json"
    path.write_text(json.dumps(_graph(seed=3, steps=steps)))
    client.open(path)
    posted = client.queue()
    client.wait("/\\[\\d+%] KSampler/.test(document.title)")

    client.reload()
    client.wait("/^(\\[\\d+%])+ /.test(document.title)")
    (running_now,) = server.get("/queue")["queue_running"]
    assert running_now[3]["client_id"] == posted["client_id"]

    client.command("Comfy.Canvas.FitView")
    client.picture("SaveImage")
    job = server.job(running_now[1])
    assert (job["state"], job["attempts"]) == ("done", 1)


def _seconds_per_step(server: Program) -> float:
    """Return how long a step takes here and now, once the model is loaded."""
    few = 10
    jobs = server.finish(*(server.queue(_graph(seed=seed, steps=few)) for seed in (1, 2)))
    return float(jobs[-1]["finished"] - jobs[-1]["started"]) / few


def _graph(**sampler: int) -> Any:
    graph = json.loads(TXT2IMG.read_text())
    graph["3"]["inputs"] |= sampler
    return graph


def _client_of(entry: Any) -> str:
    return str(entry["prompt"][3]["client_id"])


def _essence(graph: Any) -> Any:
    """Return a graph without what only its window shows, and without a widget's default that files leave out."""
    return {
        name: (node["class_type"], {key: value for key, value in node["inputs"].items() if key != "weights"})
        for name, node in graph.items()
    }
