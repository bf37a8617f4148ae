"""Seeds: what becomes of them after each run is seen, can be taken back, and the last one can be had again."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.server.program import Program

from .workbench import Workbench

MOST = 2**64 - 1


@pytest.fixture
def graph(server: Program) -> Any:
    graph = server.get("/graphs/txt2img")
    graph["3"]["inputs"] |= {"steps": 1, "seed": MOST - 3}
    return graph


def seed_of(bench: Workbench) -> Locator:
    return bench.node("Sample").get_by_role("spinbutton", name="seed", exact=True)


def after_run(bench: Workbench, choice: str) -> None:
    group = bench.node("Sample").get_by_role("radiogroup", name="After each run: seed")
    group.get_by_role("radio", name=choice, exact=True).click()


def test_a_seed_steps_after_a_run_and_each_step_can_be_taken_back(
    bench: Workbench, server: Program, graph: Any
) -> None:
    bench.open_graph(server, graph)
    after_run(bench, "one more")
    bench.run()
    expect(seed_of(bench)).to_have_value(str(MOST - 2))
    bench.finish()
    bench.keys("Control+z")
    expect(seed_of(bench)).to_have_value(str(MOST - 3))
    bench.keys("Control+y")
    expect(seed_of(bench)).to_have_value(str(MOST - 2))
    prompts = [item["prompt"][2]["3"]["inputs"]["seed"] for item in server.get("/history").values()]
    assert MOST - 3 in prompts


def test_the_seed_of_the_last_run_can_be_had_again(bench: Workbench, server: Program, graph: Any) -> None:
    bench.open_graph(server, graph)
    after_run(bench, "random")
    bench.run()
    expect(seed_of(bench)).not_to_have_value(str(MOST - 3))
    assert 0 <= int(seed_of(bench).input_value()) < 2**50
    bench.finish()
    bench.node("Sample").get_by_role("button", name="Back to the number of the last run").click()
    expect(seed_of(bench)).to_have_value(str(MOST - 3))


def test_a_kept_seed_stays_and_a_new_one_can_be_drawn_by_hand(bench: Workbench, server: Program, graph: Any) -> None:
    bench.open_graph(server, graph)
    after_run(bench, "keep")
    bench.run()
    bench.finish()
    expect(seed_of(bench)).to_have_value(str(MOST - 3))
    bench.node("Sample").get_by_role("button", name="A new random number now").click()
    expect(seed_of(bench)).not_to_have_value(str(MOST - 3))
    bench.keys("Control+z")
    expect(seed_of(bench)).to_have_value(str(MOST - 3))


def test_a_number_that_is_still_being_typed_is_run_with(bench: Workbench, server: Program, graph: Any) -> None:
    bench.open_graph(server, graph)
    after_run(bench, "keep")
    seed_of(bench).fill("40+2")
    with bench.page.expect_request("**/prompt") as sent:
        bench.keys("Control+Enter")
    body = sent.value.post_data_json
    assert body is not None
    assert body["prompt"]["3"]["inputs"]["seed"] == 42
    bench.finish()
