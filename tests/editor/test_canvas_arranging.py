"""Putting things where they belong: moving, framing, folding, colouring, copying, and taking all of it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .large_graph import NAMES, large_graph
from .sheet import Sheet, middle
from .workbench import Workbench

if TYPE_CHECKING:
    from tests.server.program import Program

MODEL, LATENT, WANTED, UNWANTED, SAMPLE, DECODE, SAVE, REFINE = (NAMES[name] for name in NAMES)


@pytest.fixture
def graph(server: Program) -> dict[str, Any]:
    return large_graph(server, 8)


@pytest.fixture
def sheet(bench: Workbench, graph: dict[str, Any]) -> Sheet:
    sheet = Sheet(bench)
    sheet.paste(graph)
    return sheet


def command(sheet: Sheet, name: str) -> None:
    """Choose a command from the open context menu."""
    sheet.page.get_by_role("menuitem", name=name, exact=True).click()


def node(sheet: Sheet, node_id: int) -> dict[str, Any]:
    found: dict[str, Any] = next(node for node in sheet.document()["nodes"] if node["id"] == node_id)
    return found


def test_a_drag_is_one_step_however_long_its_way(sheet: Sheet) -> None:
    before = sheet.place(SAVE)
    sheet.settle("Escape")
    sheet.drag(sheet.title(SAVE), (60, 40))
    assert sheet.place(SAVE) > (before[0] + 30, before[1] + 20)
    sheet.settle("Control+z")
    assert sheet.place(SAVE) == before


def test_what_is_in_a_frame_goes_with_it(sheet: Sheet) -> None:
    sheet.select(WANTED, UNWANTED)
    sheet.settle("g", "Escape")
    frame = sheet.page.locator(".frame-title")
    before = [sheet.place(WANTED), sheet.place(SAMPLE)]
    sheet.settle("Escape")
    sheet.drag(frame, (50, 200))
    assert sheet.place(WANTED)[1] > before[0][1] + 100
    assert sheet.place(SAMPLE) == before[1]
    sheet.settle("Control+z")
    assert sheet.place(WANTED) == before[0]


def test_a_frame_is_renamed_coloured_and_removed(sheet: Sheet) -> None:
    sheet.select(WANTED, UNWANTED)
    sheet.settle("g")
    frame = sheet.page.locator(".frame")
    sheet.page.locator(".frame-title").dblclick()
    sheet.page.keyboard.type("Prompts")
    sheet.page.keyboard.press("Enter")
    assert frame.get_attribute("aria-label") == "Group Prompts"
    sheet.page.locator(".frame-title").click(button="right")
    command(sheet, "Colour …")
    command(sheet, "Green")
    assert frame.evaluate("frame => frame.style.color") == "rgb(79, 157, 98)"
    sheet.page.locator(".frame-title").click(button="right")
    command(sheet, "Remove the frame")
    assert frame.count() == 0
    assert sheet.node(WANTED).count() == 1


def test_a_card_is_made_larger_at_its_corner(sheet: Sheet) -> None:
    width = node(sheet, SAVE)["size"][0]
    sheet.settle("Escape")
    sheet.title(SAVE).hover()
    sheet.drag(sheet.node(SAVE).locator(".node-corner"), (60, 30))
    assert node(sheet, SAVE)["size"][0] > width + 30
    sheet.settle("Control+z")
    assert node(sheet, SAVE)["size"][0] == width


def test_nodes_are_folded_muted_bypassed_and_coloured(sheet: Sheet) -> None:
    card = sheet.node(SAMPLE).locator(".node-card")
    sheet.select(SAMPLE)
    sheet.settle("m")
    assert card.get_attribute("data-state") == "muted"
    assert "muted" in card.inner_text()
    sheet.settle("m", "b")
    assert card.get_attribute("data-state") == "bypassed"
    sheet.settle("b", "Alt+c")
    assert card.locator(".node-fields").count() == 0
    assert sheet.page.locator(".react-flow__edge").count() == 13
    sheet.node(SAMPLE).click(button="right")
    command(sheet, "Colour …")
    command(sheet, "Blue")
    assert node(sheet, SAMPLE)["color"] == "#4f7fd0"
    assert node(sheet, SAMPLE)["flags"]["collapsed"] is True


def test_a_node_is_renamed(sheet: Sheet) -> None:
    sheet.select(SAMPLE)
    sheet.settle("F2")
    sheet.page.keyboard.type("Paint")
    sheet.page.keyboard.press("Enter")
    assert sheet.title(SAMPLE).inner_text() == "Paint"


def test_nodes_are_aligned_and_laid_out(sheet: Sheet) -> None:
    sheet.select(MODEL, LATENT, WANTED)
    sheet.node(WANTED).click(button="right")
    command(sheet, "Align left")
    assert {sheet.place(one)[0] for one in (MODEL, LATENT, WANTED)} == {sheet.place(MODEL)[0]}
    sheet.settle("Escape", "l")
    places = {one: sheet.place(one) for one in (MODEL, WANTED, SAMPLE, DECODE, SAVE)}
    assert sorted(places, key=lambda one: places[one][0]) == list(places)


def test_a_box_and_a_lasso_select_what_is_in_them(sheet: Sheet) -> None:
    left, top = middle(sheet.title(WANTED))
    box = sheet.node(UNWANTED).bounding_box()
    assert box is not None
    sheet.page.keyboard.down("Shift")
    sheet.page.mouse.move(box["x"] - 12, top - 40)
    sheet.page.mouse.down()
    sheet.page.mouse.move(box["x"] + box["width"] + 10, box["y"] + box["height"] + 10, steps=5)
    sheet.page.mouse.up()
    sheet.page.keyboard.up("Shift")
    assert {one["id"] for one in sheet.copied()["nodes"]} == {WANTED, UNWANTED}
    sheet.settle("Escape", "Shift+v")
    corners = [(-40, -30), (box["width"] + 20, -30), (box["width"] + 20, box["height"] + 20), (-40, box["height"] + 20)]
    sheet.page.mouse.move(box["x"] - 12, top - 40)
    sheet.page.mouse.down()
    for x, y in corners:
        sheet.page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
    sheet.page.mouse.up()
    assert {one["id"] for one in sheet.copied()["nodes"]} == {UNWANTED}
    assert left > box["x"]


def test_nodes_are_copied_into_another_tab_with_their_wires(sheet: Sheet, bench: Workbench) -> None:
    sheet.select(WANTED, SAMPLE)
    part = sheet.copied()
    other = Sheet(Workbench.open(bench.page.context, bench.url))
    other.paste(part)
    pasted = other.document()
    news = pasted["nodes"][-2:]
    assert [one["type"] for one in news] == ["CLIPTextEncode", "KSampler"]
    ids = {one["id"] for one in news}
    assert [link[5] for link in pasted["links"] if {link[1], link[3]} <= ids] == ["CONDITIONING"]
    other.page.close()


def test_a_duplicate_is_a_step_of_its_own(sheet: Sheet) -> None:
    sheet.select(WANTED)
    sheet.settle("Control+d")
    assert len(sheet.document()["nodes"]) == len(NAMES) + 1
    sheet.settle("Control+z")
    assert len(sheet.document()["nodes"]) == len(NAMES)


def test_a_note_is_shown_as_text_and_does_nothing(sheet: Sheet) -> None:
    sheet.settle("Shift+n")
    note = sheet.page.locator(".note")
    note.locator(".note-text").dblclick()
    field = note.get_by_role("textbox")
    field.fill("# Title\n\n<img src=x onerror=alert(1)> [go](javascript:alert(1)) [web](https://example.org)")
    field.press("Escape")
    assert note.get_by_role("heading").inner_text() == "Title"
    assert "<img src=x" in note.inner_text()
    assert [link.get_attribute("href") for link in note.get_by_role("link").all()] == ["https://example.org"]
    assert sheet.page.locator(".note img").count() == 0


def test_a_missing_class_keeps_its_values_and_says_so(sheet: Sheet) -> None:
    odd = {"id": 50, "type": "SomeonesNode", "pos": [0, 700], "size": [220, 80], "widgets_values": [1, "two"]}
    sheet.paste({"version": 0.4, "nodes": [odd], "links": []})
    card = sheet.page.locator('.node-card[data-state="missing"]')
    assert "SomeonesNode" in card.inner_text()
    assert sheet.document()["nodes"][-1]["widgets_values"] == [1, "two"]
