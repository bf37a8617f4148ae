"""A seed that JavaScript has no number for is opened, saved and run with all its digits while others are edited."""

from __future__ import annotations

import json
from pathlib import Path

from ldm_nodes.engine.drawing import draw_workflow
from ldm_nodes.engine.prompt import Prompt
from tests.server.program import Program
from tests.templates import our_catalogue

from .workbench import Workbench

SEED = 2**64 - 3


def test_a_long_seed_keeps_its_digits(bench: Workbench, server: Program, tmp_path: Path) -> None:
    graph = server.get("/graphs/txt2img")
    graph["3"]["inputs"] |= {"seed": SEED, "steps": 3}
    file = tmp_path / "long seed.json"
    file.write_text(json.dumps(draw_workflow(Prompt.parse(graph), our_catalogue()).to_json()))
    page = bench.page
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Control+O")
    chooser.value.set_files(file)
    page.wait_for_selector(".node-card .node-fields")
    assert bench.node("Sample").get_by_label("seed", exact=True).input_value() == str(SEED)
    steps = bench.node("Sample").get_by_label("steps", exact=True)
    steps.fill("4")
    steps.press("Enter")
    page.keyboard.press("Control+S")
    page.get_by_role("dialog").get_by_label("Name").fill("kept seed")
    page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").wait_for(state="detached")
    saved = server.get("/userdata/workflows%2Fkept%20seed.json")
    assert [node["widgets_values"][:3] for node in saved["nodes"] if node["id"] == 3] == [[SEED, "fixed", 4]]
    bench.run()
    bench.finish()
    (job,) = server.get("/history").values()
    assert (job["prompt"][2]["3"]["inputs"]["seed"], job["prompt"][2]["3"]["inputs"]["steps"]) == (SEED, 4)
