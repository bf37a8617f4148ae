"""One node made of several: its fields, its inside, its sockets, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .large_graph import NAMES, large_graph
from .sheet import Sheet

if TYPE_CHECKING:
    from tests.server.program import Program

    from .workbench import Workbench

MODEL, LATENT, WANTED, UNWANTED, SAMPLE, DECODE, SAVE, REFINE = (NAMES[name] for name in NAMES)


@pytest.fixture
def sheet(bench: Workbench, server: Program) -> Sheet:
    sheet = Sheet(bench)
    sheet.paste(large_graph(server, 8))
    return sheet


def made(sheet: Sheet) -> dict[str, Any]:
    """Make one node of the sampler and the decoder, and return it."""
    sheet.select(SAMPLE, DECODE)
    sheet.settle("Control+g")
    found = instance_of(sheet.document())
    sheet.settle("Escape")
    return found


def instance_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the only instance of the only subgraph."""
    subgraph = document["definitions"]["subgraphs"][0]["id"]
    found: dict[str, Any] = next(node for node in document["nodes"] if node["type"] == subgraph)
    return found


def test_several_nodes_become_one_with_their_wires_and_come_apart_again(sheet: Sheet) -> None:
    before = sheet.document()
    sheet.settle("Escape")
    instance = made(sheet)["id"]
    links = sheet.links()
    assert {(link[0], link[1]) for link in links if link[2] == instance} >= {(MODEL, 0), (WANTED, 0), (LATENT, 0)}
    assert [link for link in links if link[0] == instance and link[2] == SAVE]
    sheet.select(instance)
    sheet.settle("Control+Shift+g")
    after = sheet.document()
    assert len(after["nodes"]) == len(before["nodes"])
    assert len(after["links"]) == len(before["links"])
    sheet.settle("Control+z", "Control+z")
    assert sheet.links() == {tuple(link[1:5]) for link in before["links"]}


def test_a_subgraph_is_opened_changed_and_left(sheet: Sheet) -> None:
    instance = made(sheet)["id"]
    sheet.node(instance).get_by_role("button", name="Open the subgraph").click()
    path = sheet.page.get_by_role("navigation", name="Where you are")
    assert path.inner_text().split() == ["Graph", "Subgraph"]
    assert sheet.node(-10).get_by_text("model").count() == 1
    assert sheet.node(SAMPLE).count() == 1
    sheet.settle("Escape")
    sheet.select(SAMPLE)
    sheet.settle("F2")
    sheet.page.keyboard.type("Paint")
    sheet.page.keyboard.press("Enter")
    path.get_by_role("button", name="Graph", exact=True).click()
    assert path.count() == 0
    inside = sheet.document()["definitions"]["subgraphs"][0]["nodes"]
    assert "Paint" in [one.get("title") for one in inside]


def test_a_field_inside_is_shown_on_the_node_once_a_wire_brings_it_out(sheet: Sheet) -> None:
    instance = made(sheet)["id"]
    sheet.title(instance).dblclick()
    sheet.settle("Shift+F")
    steps = sheet.node(SAMPLE).locator(".field-row").filter(has_text="steps").locator(".socket")
    sheet.drag(sheet.node(-10).locator(".socket").last, steps)
    sheet.page.get_by_role("navigation", name="Where you are").get_by_role("button", name="Graph", exact=True).click()
    field = sheet.node(instance).get_by_label("steps", exact=True)
    assert field.input_value() == "20"
    field.fill("7")
    field.press("Enter")
    assert instance_of(sheet.document())["widgets_values"] == [7]
