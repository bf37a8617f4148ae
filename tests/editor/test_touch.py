"""Fingers on the canvas: one moves it, two zoom it, one that stays opens the menu, one on a card moves the card."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.program import Program

from .workbench import Workbench

Point = tuple[float, float]

VIEW = "new DOMMatrix(getComputedStyle(document.querySelector('.react-flow__viewport')).transform)"


class Fingers:
    """Touches as the browser gets them from its screen."""

    def __init__(self, bench: Workbench) -> None:
        self.page = bench.page
        self.cdp = bench.page.context.new_cdp_session(bench.page)
        self.cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
        self.page.reload()  # a page asks once whether there is a touch screen
        bench.ready()
        self.page.wait_for_selector(".node-card .node-fields")

    def touch(self, kind: str, *points: Point) -> None:
        fingers = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(points)]
        self.cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    def drag(self, *ways: tuple[Point, Point]) -> None:
        """Move each finger from one place to another, all at once."""
        self.touch("touchStart", *(start for start, _ in ways))
        for step in range(1, 9):
            self.touch("touchMove", *(between(start, end, step / 8) for start, end in ways))
        self.touch("touchEnd")

    def view(self) -> tuple[float, float, float]:
        x, y, zoom = self.page.evaluate(f"(view => [view.e, view.f, view.a])({VIEW})")
        return x, y, zoom


def between(start: Point, end: Point, share: float) -> Point:
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


@pytest.fixture
def fingers(bench: Workbench, server: Program) -> Fingers:
    bench.page.set_viewport_size({"width": 820, "height": 1000})
    bench.open_graph(server, server.get("/graphs/txt2img"))
    return Fingers(bench)


def empty_place(bench: Workbench) -> Point:
    box: Any = bench.page.locator(".react-flow").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + 80


def test_one_finger_moves_the_canvas(bench: Workbench, fingers: Fingers) -> None:
    x, y = empty_place(bench)
    before = fingers.view()
    fingers.drag(((x, y), (x + 120, y + 90)))
    after = fingers.view()
    assert after[0] - before[0] == pytest.approx(120, abs=20)
    assert after[1] - before[1] == pytest.approx(90, abs=20)
    assert after[2] == before[2]


def test_two_fingers_zoom(bench: Workbench, fingers: Fingers) -> None:
    x, y = empty_place(bench)
    before = fingers.view()
    fingers.drag(((x - 30, y), (x - 120, y)), ((x + 30, y), (x + 120, y)))
    assert fingers.view()[2] > before[2] * 1.5


def test_a_finger_that_stays_opens_the_menu(bench: Workbench, fingers: Fingers) -> None:
    box: Any = bench.node("Sample").locator(".node-title").bounding_box()
    place = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    fingers.touch("touchStart", place)
    menu = bench.page.get_by_role("menu", name="What can be done here")
    menu.wait_for()
    fingers.touch("touchEnd")
    menu.get_by_role("menuitem", name="Mute").click()
    assert bench.states()["Sample"] == "muted"


def test_a_finger_on_a_card_moves_it(bench: Workbench, fingers: Fingers) -> None:
    title = bench.node("Decode").locator(".node-title")
    before: Any = title.bounding_box()
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    view = fingers.view()
    fingers.drag(((x, y), (x + 40, y + 120)))
    bench.page.wait_for_function("document.querySelector('.react-flow__node.dragging') === null")
    after: Any = title.bounding_box()
    assert after["y"] - before["y"] == pytest.approx(120, abs=30)
    assert fingers.view() == view
