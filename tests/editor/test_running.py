"""A graph is run: what is at work is seen, what it made, and what a second run did not have to do again."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.program import Program

from .workbench import Workbench

NODES = {"Load checkpoint", "Empty latent", "Prompt", "No prompt", "Sample", "Decode", "Save"}


@pytest.fixture
def graph(server: Program) -> Any:
    return server.get("/graphs/txt2img")


def set_number(bench: Workbench, node: str, field: str, value: int) -> None:
    box = bench.node(node).get_by_label(field, exact=True)
    box.fill(str(value))
    box.press("Enter")


def test_a_run_shows_its_work_and_its_picture(bench: Workbench, server: Program, graph: Any) -> None:
    graph["3"]["inputs"] |= {"steps": 100, "seed": 1}
    bench.open_graph(server, graph)
    bench.run()
    sample = bench.node("Sample")
    sample.locator("[data-live] img").wait_for()
    assert sample.get_attribute("data-state") == "running"
    assert "/ 100" in sample.inner_text()
    bench.page.locator(".run-popover img").wait_for(state="attached")
    assert bench.page.locator(".run-main").get_by_role("progressbar").get_attribute("aria-valuenow") != "100"
    bench.finish()
    assert set(bench.states()) == NODES
    picture = bench.node("Save").locator(".node-picture img")
    picture.wait_for()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert bench.page.locator("[data-live]").count() == 0


def test_a_changed_seed_runs_the_sampler_and_what_follows_again(bench: Workbench, server: Program, graph: Any) -> None:
    graph["3"]["inputs"] |= {"steps": 4, "seed": 2}
    bench.open_graph(server, graph)
    bench.run()
    bench.finish()
    set_number(bench, "Sample", "seed", 3)
    bench.run()
    bench.finish()
    states = bench.states()
    assert {title for title, state in states.items() if state == "done"} == {"Sample", "Decode", "Save"}
    assert "reused" in bench.node("Prompt").inner_text()
    assert bench.node("Sample").locator(".node-badge").get_attribute("title") == "seed: 2 → 3"
    assert "4 reused" in bench.page.locator(".statusline").inner_text()


def test_running_to_a_node_runs_nothing_after_it(bench: Workbench, server: Program, graph: Any) -> None:
    graph["3"]["inputs"] |= {"steps": 4, "seed": 4}
    bench.open_graph(server, graph)
    bench.node("Sample").locator(".node-title").click()
    bench.page.keyboard.press("Control+Shift+Enter")
    bench.page.wait_for_selector(".run[data-phase=done]")
    states = bench.states()
    assert states["Sample"] == "done"
    assert (states["Decode"], states["Save"]) == ("idle", "idle")


def test_a_run_is_cancelled_by_its_button(bench: Workbench, server: Program, graph: Any) -> None:
    graph["3"]["inputs"] |= {"steps": 1000, "seed": 5}
    bench.open_graph(server, graph)
    bench.run()
    bench.page.wait_for_selector(".node-card[data-state=running]")
    button = bench.page.get_by_role("button", name="Cancel", exact=True)
    button.hover()
    assert "Cancel" in button.inner_text()
    button.click()
    bench.finish("cancelled")
    assert "running" not in bench.states().values()


def test_many_runs_take_other_seeds_and_say_how_many_are_left(bench: Workbench, server: Program, graph: Any) -> None:
    graph["3"]["inputs"] |= {"steps": 4, "seed": 6}
    bench.open_graph(server, graph)
    bench.node("Sample").get_by_label("one more").click()
    bench.press("More ways to run")
    bench.page.get_by_label("Number of runs").fill("3")
    bench.page.keyboard.press("Escape")
    before = len(server.get("/jobs")["jobs"])
    bench.run()
    bench.page.locator(".queue-count").wait_for()
    bench.page.locator(".queue-count").wait_for(state="detached")
    jobs = server.get("/jobs")["jobs"][: len(server.get("/jobs")["jobs"]) - before]
    seeds = [server.job(job["id"])["prompt"]["3"]["inputs"]["seed"] for job in jobs]
    assert seeds == [8, 7, 6]
    assert bench.node("Sample").get_by_label("seed", exact=True).input_value() == "9"


def test_a_graph_that_runs_on_change_runs_when_it_was_changed_and_then_rests(
    bench: Workbench, server: Program, graph: Any
) -> None:
    graph["3"]["inputs"] |= {"steps": 2, "seed": 20}
    bench.open_graph(server, graph)
    bench.press("More ways to run")
    bench.page.get_by_label("When the graph has changed").check()
    bench.page.keyboard.press("Escape")
    bench.page.get_by_role("button", name="Run on change").wait_for()
    bench.page.wait_for_selector(".run[data-phase=done]")
    before = server.get("/jobs")["total"]
    set_number(bench, "Sample", "seed", 21)
    bench.node("Sample").locator("[title='seed: 20 → 21']").wait_for()
    bench.finish()
    assert server.get("/jobs")["total"] == before + 1
    assert bench.states()["Sample"] == "done"


def test_nobody_draws_pictures_of_work_in_progress_that_nobody_wants(
    bench: Workbench, server: Program, graph: Any
) -> None:
    graph["3"]["inputs"] |= {"steps": 60, "seed": 22}
    bench.open_graph(server, graph)
    bench.press("More ways to run")
    bench.page.get_by_label("Show pictures of work in progress").uncheck()
    bench.page.keyboard.press("Escape")
    bench.run()
    bench.page.locator(".node-card[data-state=running]:has-text('/ 60')").wait_for()
    assert bench.page.locator("[data-live]").count() == 0
    bench.finish()
    assert bench.page.locator("[data-live]").count() == 0
    bench.press("More ways to run")
    bench.page.get_by_label("Show pictures of work in progress").check()
