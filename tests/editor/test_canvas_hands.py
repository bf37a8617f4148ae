"""The canvas without a mouse: arrows and letters, and fingers on glass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .large_graph import NAMES, large_graph
from .sheet import Sheet, middle

if TYPE_CHECKING:
    from tests.server.program import Program

    from .workbench import Workbench

MODEL, LATENT, WANTED, UNWANTED, SAMPLE, DECODE, SAVE, REFINE = (NAMES[name] for name in NAMES)
FOCUSED = "document.activeElement.closest('.react-flow__node')?.dataset.id"
SOCKET = "document.activeElement.dataset.handleid"


@pytest.fixture
def sheet(bench: Workbench, server: Program) -> Sheet:
    sheet = Sheet(bench)
    sheet.paste(large_graph(server, 8))
    return sheet


def test_arrows_go_from_node_to_node_and_along_wires(sheet: Sheet) -> None:
    keys = sheet.page.keyboard
    sheet.node(WANTED).focus()
    keys.press("ArrowRight")
    sheet.page.wait_for_function(f"{FOCUSED} === '{SAMPLE}'")
    keys.press("ArrowDown")
    assert sheet.page.evaluate(SOCKET) == "input-0"
    keys.press("ArrowLeft")
    assert (sheet.page.evaluate(FOCUSED), sheet.page.evaluate(SOCKET)) == (str(MODEL), "output-0")
    keys.press("Escape")
    assert sheet.page.evaluate(SOCKET) is None
    assert sheet.page.evaluate(FOCUSED) == str(MODEL)


def test_enter_edits_and_escape_comes_back(sheet: Sheet) -> None:
    sheet.node(WANTED).focus()
    sheet.page.keyboard.press("Enter")
    sheet.page.keyboard.type("a ")
    assert "a " in sheet.node(WANTED).get_by_role("textbox").input_value()
    sheet.page.keyboard.press("Escape")
    assert sheet.page.evaluate("document.activeElement.dataset.id") == str(WANTED)


def test_a_node_is_connected_by_a_few_letters(sheet: Sheet) -> None:
    sheet.select(LATENT)
    sheet.settle("c")
    sheet.page.keyboard.type("vae decode")
    options = sheet.page.get_by_role("option")
    assert options.count() == 1
    sheet.page.keyboard.press("Enter")
    assert (LATENT, 0, DECODE, 0) in sheet.links()


def test_delete_at_a_socket_takes_its_wire(sheet: Sheet) -> None:
    sheet.socket(DECODE, "input-0").focus()
    sheet.page.keyboard.press("Delete")
    assert (SAMPLE, 0, DECODE, 0) not in sheet.links()


class Fingers:
    """Fingers on glass.

    Args:
        sheet: the canvas that they touch.
    """

    def __init__(self, sheet: Sheet) -> None:
        self._browser = sheet.page.context.new_cdp_session(sheet.page)
        self._browser.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 5})
        sheet.page.reload()
        sheet.page.wait_for_selector(".react-flow")

    def down(self, *places: tuple[float, float]) -> None:
        self._touch("touchStart", places)

    def move(self, *places: tuple[float, float]) -> None:
        self._touch("touchMove", places)

    def up(self) -> None:
        self._touch("touchEnd", ())

    def _touch(self, kind: str, places: tuple[tuple[float, float], ...]) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self._browser.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


@pytest.fixture
def touched(bench: Workbench, server: Program) -> tuple[Sheet, Fingers]:
    sheet = Sheet(bench)
    fingers = Fingers(sheet)
    sheet.paste(large_graph(server, 8))
    return sheet, fingers


def test_a_long_press_opens_the_menu_of_what_is_under_it(touched: tuple[Sheet, Fingers]) -> None:
    sheet, fingers = touched
    fingers.down(middle(sheet.title(SAMPLE)))
    sheet.page.get_by_role("menuitem", name="Mute", exact=True).wait_for()
    fingers.up()
    assert [one["id"] for one in sheet.copied()["nodes"]] == [SAMPLE]


def test_two_fingers_zoom_and_one_moves_the_canvas(touched: tuple[Sheet, Fingers]) -> None:
    sheet, fingers = touched
    zoom, view = (sheet.page.locator(name) for name in (".tools-zoom", ".react-flow__viewport"))
    before = zoom.inner_text()
    fingers.down((600, 740), (640, 740))
    for step in range(1, 6):
        fingers.move((600 - 6 * step, 740), (640 + 6 * step, 740))
    fingers.up()
    assert zoom.inner_text() != before
    sheet.rest()
    place = view.get_attribute("style")
    fingers.down((640, 740))
    for step in range(1, 6):
        fingers.move((640 - 10 * step, 740 - 10 * step))
    fingers.up()
    assert view.get_attribute("style") != place
