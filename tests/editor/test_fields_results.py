"""What a node made is seen on its card: one picture or many, each a press away from its full size."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.server.program import Program

from .workbench import Workbench


def test_pictures_of_a_batch_stand_side_by_side_and_open_in_full(bench: Workbench, server: Program) -> None:
    graph = server.get("/graphs/txt2img")
    graph["3"]["inputs"] |= {"steps": 1, "seed": 5}
    graph["5"]["inputs"]["batch_size"] = 3
    bench.open_graph(server, graph)
    bench.run()
    bench.finish()
    pictures = bench.node("Save").get_by_role("button", name="Save: Picture")
    expect(pictures).to_have_count(3)
    pictures.nth(1).click()
    expect(bench.page.get_by_text("2 of 3")).to_be_visible()
    bench.keys("Escape")
    expect(bench.page.get_by_text("2 of 3")).to_have_count(0)
