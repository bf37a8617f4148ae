"""Values that could be read in several ways are told on their node, and can be kept as they were read."""

from __future__ import annotations

from tests.server.program import Program

from .workbench import Workbench

FILE = "/userdata/workflows%2Fdoubtful.json"
DOCUMENT = {
    "nodes": [{"id": 1, "type": "EmptyLatentImage", "pos": [0, 0], "size": [260, 140], "widgets_values": [64, 32]}],
    "links": [],
    "version": 0.4,
}


def test_doubt_about_values_is_told_and_settled(bench: Workbench, server: Program) -> None:
    server.ask("POST", FILE, DOCUMENT)
    bench.panel("Files").get_by_role("button", name="doubtful").first.click()
    bench.panel_away("Files")
    note = bench.page.locator(".node-card").get_by_role("note")
    assert "There are 2 values where the class has 3 fields" in note.inner_text()
    note.get_by_role("button", name="Keep these values").click()
    note.wait_for(state="detached")
    bench.page.keyboard.press("Control+S")
    bench.page.wait_for_selector(".notice:has-text('doubtful')")
    assert server.get(FILE)["nodes"][0]["widgets_values"] == [64, 32, 1]
    bench.page.keyboard.press("Control+Z")
    note.wait_for()
