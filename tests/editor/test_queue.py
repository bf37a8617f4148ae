"""What waits is put in order, held, given up, run again and opened; what has been is found page by page."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.server.program import PATIENCE, Program

from .workbench import Workbench


@pytest.fixture
def graph(server: Program) -> Any:
    graph = server.get("/graphs/txt2img")
    graph["3"]["inputs"]["steps"] = 2
    return graph


@pytest.fixture
def held(server: Program, graph: Any) -> Iterator[list[str]]:
    """Three jobs that wait in a queue that is paused."""
    server.ask("POST", "/jobs/pause")
    jobs = []
    for seed in range(3):
        one = copy.deepcopy(graph)
        one["3"]["inputs"]["seed"] = seed
        jobs.append(server.queue(one))
    yield jobs
    for job_id in jobs:
        server.ask("POST", f"/jobs/{job_id}/cancel")
    server.ask("POST", "/jobs/resume")


def waiting(server: Program) -> list[str]:
    found: list[str] = server.get("/jobs/overview")["waiting"]
    return found


def shown(bench: Workbench) -> list[str]:
    rows = bench.page.get_by_role("list", name="Waiting").locator("[data-job]")
    return [str(row.get_attribute("data-job")) for row in rows.all()]


def test_what_waits_is_put_in_order_by_keys_and_by_hand(bench: Workbench, server: Program, held: list[str]) -> None:
    first, second, third = held
    queue = bench.panel("Queue")
    rows = queue.locator("[data-job]")
    rows.nth(2).wait_for()
    assert shown(bench) == held
    # The list is read again after a move; a row that is dragged meanwhile could slip away under the mouse.
    with bench.page.expect_response("**/jobs/overview"), bench.page.expect_response("**/move"):
        queue.locator(f"[data-job='{third}']").get_by_label("Earlier").press("Enter")
    assert waiting(server) == shown(bench) == [first, third, second]
    with bench.page.expect_response("**/move"):
        queue.locator(f"[data-job='{second}']").drag_to(queue.locator(f"[data-job='{first}']"))
    assert waiting(server) == shown(bench) == [second, first, third]
    with bench.page.expect_response("**/priority"):
        queue.locator(f"[data-job='{third}']").get_by_label("Before all others").click()
    queue.get_by_text("priority 10").wait_for()
    assert waiting(server) == [third, second, first]
    bench.page.wait_for_selector(f"[data-job]:first-child[data-job='{third}']")


def test_a_paused_queue_says_so_and_goes_on(bench: Workbench, server: Program, held: list[str]) -> None:
    queue = bench.panel("Queue")
    queue.get_by_text("The queue is paused").wait_for()
    queue.get_by_role("button", name="Go on").click()
    queue.get_by_role("button", name="Pause").wait_for()
    past = queue.get_by_role("list", name="History")
    past.locator("[data-state=done]").nth(2).wait_for()
    assert [job["state"] for job in server.finish(*held)] == ["done"] * 3


def test_what_has_ended_is_run_again_removed_and_told_by_state(
    bench: Workbench, server: Program, graph: Any, held: list[str]
) -> None:
    queue = bench.panel("Queue")
    queue.locator(f"[data-job='{held[0]}']").get_by_label("Cancel").click()
    queue.locator(f"[data-job='{held[0]}']").wait_for(state="detached")
    past = queue.get_by_role("list", name="History")
    cancelled = past.locator("[data-state=cancelled]").first
    cancelled.wait_for()
    with bench.page.expect_response("**/retry") as retried:
        cancelled.get_by_label("Run again").click()
    again = retried.value.json()
    assert (again["retry_of"], again["state"]) == (held[0], "queued")
    queue.locator(f"[data-job='{again['id']}']").get_by_label("Cancel").click()
    queue.get_by_label("Show").select_option("Cancelled")
    past.locator("[data-state=done]").first.wait_for(state="detached")
    count = past.locator("[data-state=cancelled]").count()
    past.get_by_label("Remove from the list").first.click()
    past.locator("[data-state=cancelled]").nth(count - 1).wait_for(state="detached")
    assert server.ask("GET", f"/jobs/{again['id']}")[0] == 404


def test_the_past_is_read_page_by_page(bench: Workbench, server: Program, graph: Any) -> None:
    server.finish(*(server.queue(graph) for _ in range(25)))
    queue = bench.panel("Queue")
    past = queue.get_by_role("list", name="History").locator(".queue-row")
    past.nth(19).wait_for()
    assert past.count() == 20
    queue.get_by_role("button", name="Show more").click()
    past.nth(24).wait_for()


def test_the_graph_of_a_job_is_opened_with_its_own_values(bench: Workbench, server: Program, graph: Any) -> None:
    bench.widen()
    graph["6"]["inputs"]["text"] = "a yellow star"
    server.finish(server.queue(graph))
    queue = bench.panel("Queue")
    queue.get_by_role("list", name="History").get_by_label("Open its graph").first.click()
    assert bench.node("Prompt").get_by_role("textbox").first.input_value() == "a yellow star"


def test_a_job_that_is_run_again_is_shown_in_the_document_that_is_seen(
    bench: Workbench, server: Program, graph: Any
) -> None:
    graph["3"]["inputs"]["seed"] = 77
    bench.open_graph(server, graph)
    server.finish(server.queue(graph))
    bench.panel("Queue").get_by_role("list", name="History").get_by_label("Run again").first.click()
    bench.page.wait_for_selector(".run[data-phase=done]")
    expect(bench.node("Save")).to_have_attribute("data-state", re.compile("^(done|reused)$"), timeout=PATIENCE * 1000)
