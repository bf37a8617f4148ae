"""Wiring by hand: what fits is lit, what does not fit cannot be done, and everything can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .large_graph import NAMES, large_graph
from .sheet import Sheet, middle

if TYPE_CHECKING:
    from tests.server.program import Program

    from .workbench import Workbench

MODEL, LATENT, WANTED, UNWANTED, SAMPLE, DECODE, SAVE, REFINE = (NAMES[name] for name in NAMES)


INT = {"name": "INT", "type": "INT", "links": []}


def document_of(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"version": 0.4, "last_node_id": 99, "last_link_id": 0, "nodes": list(nodes), "links": []}


@pytest.fixture
def sheet(bench: Workbench, server: Program) -> Sheet:
    sheet = Sheet(bench)
    sheet.paste(large_graph(server, 8))
    return sheet


def test_a_wire_goes_where_it_is_dropped_and_what_was_there_gives_way(sheet: Sheet) -> None:
    sheet.drag(sheet.socket(LATENT, "output-0"), sheet.socket(DECODE, "input-0"))
    assert (LATENT, 0, DECODE, 0) in sheet.links()
    assert (SAMPLE, 0, DECODE, 0) not in sheet.links()
    sheet.settle("Control+z")
    assert (SAMPLE, 0, DECODE, 0) in sheet.links()


def test_only_sockets_that_fit_are_lit_while_a_wire_is_held(sheet: Sheet) -> None:
    before = sheet.links()
    sheet.drag(sheet.socket(LATENT, "output-0"), (40, 60), drop=False)
    lit = sheet.page.locator(".socket.lit")
    assert {(one.get_attribute("data-nodeid"), one.get_attribute("data-handleid")) for one in lit.all()} == {
        (str(SAMPLE), "input-3"),
        (str(DECODE), "input-0"),
        (str(REFINE), "input-3"),
    }
    sheet.page.mouse.move(*middle(sheet.socket(SAMPLE, "input-0")), steps=3)
    sheet.page.mouse.up()
    assert sheet.links() == before


def test_no_wire_leads_in_a_circle(sheet: Sheet) -> None:
    before = sheet.links()
    sheet.drag(sheet.socket(REFINE, "output-0"), sheet.socket(SAMPLE, "input-3"))
    assert sheet.links() == before


def test_a_wire_dropped_on_a_card_finds_the_socket_that_fits(sheet: Sheet) -> None:
    sheet.drag(sheet.socket(LATENT, "output-0"), sheet.title(DECODE))
    assert (LATENT, 0, DECODE, 0) in sheet.links()


def test_a_wire_dropped_on_nothing_asks_for_a_node_that_takes_it(sheet: Sheet) -> None:
    sheet.drag(sheet.socket(DECODE, "output-0"), (60, 330))
    search = sheet.page.get_by_role("dialog")
    search.get_by_role("option", name="Preview Image").click()
    added = sheet.document()["nodes"][-1]
    assert added["type"] == "PreviewImage"
    assert (DECODE, 0, added["id"], 0) in sheet.links()


def test_a_wire_is_picked_up_at_its_end_and_laid_elsewhere_or_let_go(sheet: Sheet) -> None:
    sheet.drag(sheet.socket(SAMPLE, "input-1"), sheet.socket(SAMPLE, "input-2"))
    assert (WANTED, 0, SAMPLE, 2) in sheet.links()
    assert (WANTED, 0, SAMPLE, 1) not in sheet.links()
    sheet.drag(sheet.socket(SAVE, "input-0"), (80, 120))
    assert (DECODE, 0, SAVE, 0) not in sheet.links()
    assert sheet.page.get_by_role("dialog").count() == 0


def test_the_beginning_of_a_chosen_wire_is_laid_elsewhere(sheet: Sheet) -> None:
    sheet.select(REFINE)
    sheet.settle("Delete")
    link = next(link[0] for link in sheet.document()["links"] if link[1:5] == [SAMPLE, 0, DECODE, 0])
    sheet.settle("Escape")
    sheet.page.mouse.click(*sheet.on_link(link))
    sheet.drag(sheet.link(link).locator(".react-flow__edgeupdater-source"), sheet.socket(LATENT, "output-0"))
    assert (LATENT, 0, DECODE, 0) in sheet.links()
    assert (SAMPLE, 0, DECODE, 0) not in sheet.links()


def test_a_wire_goes_into_a_field_and_takes_the_place_of_its_value(sheet: Sheet) -> None:
    sheet.paste(document_of({"id": 9, "type": "PrimitiveNode", "pos": [300, 480], "size": [210, 82], "outputs": [INT]}))
    number = sheet.document()["nodes"][-1]["id"]
    sheet.settle("Escape")
    steps = sheet.node(SAMPLE).locator(".field-row").filter(has_text="steps").locator(".socket")
    sheet.drag(sheet.socket(number, "output-0"), steps)
    slot = next(link[3] for link in sheet.links() if link[0] == number)
    sample = next(node for node in sheet.document()["nodes"] if node["id"] == SAMPLE)
    assert sample["inputs"][slot]["widget"] == {"name": "steps"}


def test_points_lead_a_wire_and_go_again(sheet: Sheet) -> None:
    link = next(link[0] for link in sheet.document()["links"] if link[1] == LATENT)
    sheet.settle("Escape")
    sheet.page.mouse.dblclick(*sheet.on_link(link))
    point = sheet.page.locator(".reroute-point")
    before = middle(point)
    way = sheet.link(link).locator("path").first.get_attribute("d")
    sheet.drag(point, (30, 90))
    assert sheet.link(link).locator("path").first.get_attribute("d") != way
    assert middle(point) > (before[0] + 10, before[1] + 50)
    sheet.settle("Delete")
    assert point.count() == 0
    assert (LATENT, 0, SAMPLE, 3) in sheet.links()


def test_a_node_goes_and_its_wires_with_it_or_around_it(sheet: Sheet) -> None:
    sheet.select(SAMPLE)
    sheet.settle("Delete")
    assert not [link for link in sheet.links() if SAMPLE in (link[0], link[2])]
    sheet.settle("Control+z", "Escape")
    sheet.select(SAMPLE)
    sheet.settle("Control+Delete")
    assert (LATENT, 0, DECODE, 0) in sheet.links()


def test_a_wire_is_selected_and_deleted(sheet: Sheet) -> None:
    link = next(link[0] for link in sheet.document()["links"] if link[1] == LATENT)
    sheet.settle("Escape")
    sheet.page.mouse.click(*sheet.on_link(link))
    sheet.settle("Delete")
    assert (LATENT, 0, SAMPLE, 3) not in sheet.links()
