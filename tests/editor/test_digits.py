"""A seed that JavaScript has no number for is opened, saved and run with all its digits while others are edited."""

from __future__ import annotations

from ldm_nodes.engine.drawing import draw_workflow
from ldm_nodes.engine.prompt import Prompt
from tests.server.program import Program
from tests.templates import our_catalogue

from .workbench import Workbench

SEED = 2**64 - 3
FILE = "/userdata/workflows%2Flong%20seed.json"


def test_a_long_seed_keeps_its_digits(bench: Workbench, server: Program) -> None:
    graph = server.get("/graphs/txt2img")
    graph["3"]["inputs"] |= {"seed": SEED, "steps": 3}
    server.ask("POST", FILE, draw_workflow(Prompt.parse(graph), our_catalogue()).to_json())
    bench.panel("Files").get_by_role("button", name="long seed").first.click()
    bench.page.wait_for_selector(".node-card .node-fields")
    bench.panel_away("Files")
    sample = bench.node("Sample")
    assert sample.get_by_label("seed", exact=True).input_value() == str(SEED)
    sample.get_by_label("steps", exact=True).fill("4")
    sample.get_by_label("steps", exact=True).press("Enter")
    bench.page.keyboard.press("Control+S")
    bench.page.wait_for_selector(".notice:has-text('long seed')")
    saved = server.get(FILE)
    assert [node["widgets_values"][:3] for node in saved["nodes"] if node["id"] == 3] == [[SEED, "fixed", 4]]
    bench.run()
    bench.finish()
    (job,) = server.get("/history").values()
    sampled = job["prompt"][2]["3"]["inputs"]
    assert (sampled["seed"], sampled["steps"]) == (SEED, 4)
