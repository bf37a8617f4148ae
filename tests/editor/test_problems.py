"""What is wrong is said at the node that is at fault, in words that tell what to do, with a way there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.program import Program

from .workbench import Workbench


@pytest.fixture
def graph(server: Program) -> Any:
    graph = server.get("/graphs/txt2img")
    graph["3"]["inputs"]["steps"] = 2
    return graph


def run(bench: Workbench) -> str:
    """Run a graph that will not, and return the list of problems."""
    bench.page.keyboard.press("Control+Enter")
    problems = bench.page.get_by_role("region", name="Problems")
    problems.locator(".problem").first.wait_for()
    return problems.inner_text()


def test_an_input_without_a_wire_is_told_before_the_server_is_asked(
    bench: Workbench, server: Program, graph: Any
) -> None:
    del graph["3"]["inputs"]["model"]
    asked: list[str] = []
    bench.open_graph(server, graph)
    bench.page.on("request", lambda request: asked.append(request.url))
    assert "Connect a MODEL: Sample needs one" in run(bench)
    assert not any(url.endswith("/prompt") for url in asked)
    assert bench.states()["Sample"] == "problem"
    assert "Connect a MODEL" in bench.node("Sample").get_by_role("alert").inner_text()


def test_a_jump_leads_to_the_node_at_fault(bench: Workbench, server: Program, graph: Any) -> None:
    del graph["8"]["inputs"]["samples"]
    bench.open_graph(server, graph)
    run(bench)
    bench.page.get_by_role("button", name="Show Decode").click()
    bench.page.wait_for_selector(".react-flow__node.selected:has([aria-label=Decode])")


def test_a_jump_leads_into_the_subgraph_of_the_node_at_fault(bench: Workbench, server: Program, graph: Any) -> None:
    del graph["3"]["inputs"]["model"]
    bench.open_graph(server, graph)
    bench.node("Sample").locator(".node-title").click()
    bench.page.keyboard.press("Control+g")
    bench.node("Sample").wait_for(state="detached")
    assert "Connect a MODEL: Sample needs one" in run(bench)
    bench.page.get_by_role("region", name="Problems").get_by_role("button", name="Show Sample").click()
    bench.page.wait_for_selector(".react-flow__node.selected:has([aria-label=Sample])")


def test_what_the_server_refuses_is_told_at_its_node(bench: Workbench, server: Program, graph: Any) -> None:
    bench.expected = ("400 POST /prompt",)
    graph["4"]["inputs"]["ckpt_name"] = "nothing.safetensors"
    bench.open_graph(server, graph)
    told = run(bench)
    assert "“nothing.safetensors” is not among the choices for “ckpt_name”" in told
    assert "Did you mean" in told
    assert "emoji-v1.safetensors" in told
    assert bench.states()["Load checkpoint"] == "problem"
    assert "1 problem" in bench.page.locator(".statusline").inner_text()


def test_a_mark_goes_when_what_was_wrong_is_changed(bench: Workbench, server: Program, graph: Any) -> None:
    del graph["3"]["inputs"]["model"]
    bench.open_graph(server, graph)
    run(bench)
    seed = bench.node("Sample").get_by_label("seed", exact=True)
    seed.fill("7")
    seed.press("Enter")
    bench.page.wait_for_selector("[aria-label=Sample][data-state=idle]")
    assert "Nothing is wrong" in bench.page.get_by_role("region", name="Problems").inner_text()


def test_a_graph_that_shows_nothing_says_what_to_add(bench: Workbench, server: Program, graph: Any) -> None:
    bench.expected = ("400 POST /prompt",)
    bench.open_graph(server, graph)
    bench.node("Save").locator(".node-title").click()
    bench.page.keyboard.press("Delete")
    bench.node("Save").wait_for(state="detached")
    assert "Add a Save Image or a Preview Image" in run(bench)


def test_a_value_that_does_not_fit_is_told_with_a_way_to_its_source(
    bench: Workbench, server: Program, graph: Any
) -> None:
    bench.expected = ("400 POST /prompt",)
    server.finish(server.queue(graph))  # a server that has computed once looks ahead at what would fail
    graph["10"] = {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny-sd-v1.safetensors"}}
    graph["6"]["inputs"]["clip"] = ["10", 1]
    bench.open_graph(server, graph)
    run(bench)
    alert = bench.node("Sample").get_by_role("alert").inner_text()
    assert "“positive” got a text conditioning whose context is 8 wide" in alert
    assert "Encode the prompt with the CLIP of emoji-v1.safetensors" in alert
    bench.page.get_by_role("button", name="Show where it came from: Prompt").click()
    bench.page.wait_for_selector(".react-flow__node.selected:has([aria-label=Prompt])")


def test_a_failure_in_mid_run_is_told_at_its_node(bench: Workbench, server: Program, graph: Any) -> None:
    graph["9"]["inputs"]["filename_prefix"] = "../../outside"
    bench.open_graph(server, graph)
    bench.run()
    bench.finish("failed")
    assert [title for title, state in bench.states().items() if state == "problem"] == ["Save"]
    assert "leads outside the output folder" in bench.node("Save").get_by_role("alert").inner_text()
    bench.page.locator(".statusline").get_by_role("button", name="1 problem").click()
    bench.page.get_by_role("button", name="Show Save").wait_for()
