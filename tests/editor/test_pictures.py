"""What was made is found again, looked at, compared, and brings back the graph that made it."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.program import Program

from .workbench import Workbench

if TYPE_CHECKING:
    from playwright.sync_api import Locator

COUNT = 30


@pytest.fixture(scope="module")
def made(server: Program) -> list[str]:
    """Names of pictures, the newest first."""
    graph = server.get("/graphs/txt2img")
    jobs = []
    for seed in range(COUNT):
        one = copy.deepcopy(graph)
        one["3"]["inputs"] |= {"seed": seed % 3, "steps": 2}
        one["9"]["inputs"]["filename_prefix"] = f"picture_{seed:02}"
        jobs.append(server.queue(one))
    server.finish(*jobs)
    return [f"picture_{seed:02}_00001_.png" for seed in reversed(range(COUNT))]


@pytest.fixture
def viewer(bench: Workbench, made: list[str]) -> Locator:
    bench.panel("Pictures").get_by_role("button", name=made[0]).click()
    viewer = bench.page.locator(".viewer")
    viewer.wait_for()
    return viewer


def test_pictures_come_the_newest_first_and_more_as_one_scrolls(bench: Workbench, made: list[str]) -> None:
    gallery = bench.panel("Pictures")
    pictures = gallery.locator(".thumbnail")
    pictures.nth(23).wait_for()
    assert [str(picture.get_attribute("title")) for picture in pictures.all()[:24]] == made[:24]
    pictures.nth(23).scroll_into_view_if_needed()
    pictures.nth(COUNT - 1).wait_for()
    assert [str(picture.get_attribute("title")) for picture in pictures.all()] == made


def test_a_picture_is_looked_at_by_keys_alone(bench: Workbench, made: list[str], viewer: Locator) -> None:
    heading = viewer.get_by_role("heading", level=2)
    assert heading.inner_text() == made[0]
    bench.page.keyboard.press("ArrowRight")
    assert heading.inner_text() == made[1]
    bench.page.keyboard.press("ArrowLeft")
    assert heading.inner_text() == made[0]
    bench.page.keyboard.press("+")
    assert "scale(1.25)" in str(viewer.locator(".zoomable img").get_attribute("style"))
    bench.page.keyboard.press("0")
    assert "scale(1)" in str(viewer.locator(".zoomable img").get_attribute("style"))
    bench.page.keyboard.press("Escape")
    viewer.wait_for(state="detached")


def test_two_pictures_are_compared_by_an_edge(bench: Workbench, made: list[str], viewer: Locator) -> None:
    bench.page.keyboard.press("c")
    edge = viewer.get_by_role("slider", name="Edge between the pictures")
    edge.focus()
    for _ in range(10):
        bench.page.keyboard.press("ArrowRight")
    assert edge.input_value() == "60"
    upper = viewer.locator(".compare-pictures img").nth(1)
    assert "40%" in str(upper.get_attribute("style"))
    viewer.get_by_label("Compared with").select_option(made[5])
    assert viewer.locator(".compare-pictures img").first.get_attribute("alt") == made[5]


def test_a_picture_tells_how_it_was_made_and_opens_its_graph(bench: Workbench, viewer: Locator) -> None:
    bench.widen()
    data = viewer.get_by_role("complementary", name="How it was made")
    data.get_by_text("red apple on a blue background").wait_for()
    data.get_by_role("button", name="Load this picture's graph").click()
    viewer.wait_for(state="detached")
    assert bench.node("Sample").get_by_label("seed", exact=True).input_value() == str((COUNT - 1) % 3)


def test_a_picture_becomes_an_input(bench: Workbench, server: Program, made: list[str], viewer: Locator) -> None:
    viewer.get_by_role("button", name="Use it as an input of the graph").click()
    viewer.wait_for(state="detached")
    card = bench.page.get_by_role("article").first
    card.wait_for()
    assert made[0] in json.dumps(server.get("/object_info/LoadImage"))
    assert made[0] in card.inner_text() or card.locator(f"[value='{made[0]}']").count() == 1


def test_the_picture_of_a_node_is_shown_large(bench: Workbench, server: Program, made: list[str]) -> None:
    graph: Any = server.get("/graphs/txt2img")
    graph["3"]["inputs"]["steps"] = 2
    bench.open_graph(server, graph)
    bench.run()
    bench.finish()
    bench.node("Save").locator(".node-picture").click()
    viewer = bench.page.locator(".viewer")
    assert viewer.get_by_role("heading", level=2).inner_text().startswith("txt2img_")
