"""On a telephone the graph is a form: the picture on top, Run at the thumb, the canvas one tap away."""

from __future__ import annotations

from typing import Any

import pytest

from tests.server.program import Program

from .workbench import Workbench

SMALL = """within => [...document.querySelectorAll(`${within} :is(button, input, select)`)].filter(element => {
    const {width, height, bottom} = element.getBoundingClientRect(), style = getComputedStyle(element);
    return width > 0 && bottom > 0 && style.visibility !== 'hidden' && Math.min(width, height) < 39.5;
}).map(element => `${element.className} ${element.ariaLabel ?? element.innerText}`)"""


@pytest.fixture
def phone(bench: Workbench) -> Workbench:
    """The first graph, opened on a narrow page."""
    bench.page.set_viewport_size({"width": 360, "height": 740})
    bench.page.locator(".first-picture").click()
    bench.page.locator(".form-section").first.wait_for()
    bench.finish()
    return bench


def sections(bench: Workbench) -> list[str]:
    return bench.page.locator(".form-section h2").all_inner_texts()


def fits(bench: Workbench) -> bool:
    return bool(bench.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_a_picture_is_made_from_a_form(phone: Workbench) -> None:
    page = phone.page
    result = page.get_by_role("region", name="Result")
    result.locator("img").first.wait_for()
    assert result.bounding_box()["y"] < 80  # type: ignore[index]
    names = sections(phone)
    assert names.index("Load checkpoint") < names.index("Prompt") < names.index("Sample")
    assert "Decode" not in names  # wires bring all that it needs
    form = page.get_by_role("region", name="The graph as a form")
    form.get_by_role("region", name="Prompt", exact=True).get_by_label("text").fill("green leaf")
    form.get_by_role("region", name="Sample").get_by_label("steps", exact=True).fill("3")
    run = page.get_by_role("button", name="Run", exact=True)
    box: Any = run.bounding_box()
    assert box["y"] > 740 / 2
    run.click()
    page.wait_for_selector(".run[data-phase=running], .run[data-phase=queued]")
    phone.finish()
    saved = page.evaluate("document.querySelector('.form-result img').src")
    assert "view" in saved or saved.startswith("blob:")


def test_nothing_is_wider_than_the_page_and_targets_are_large(phone: Workbench) -> None:
    page = phone.page
    assert page.evaluate(SMALL, ".form") == []
    assert page.evaluate(SMALL, ".thumb-bar") == []
    assert page.evaluate(SMALL, ".rail-buttons") == []
    assert page.evaluate(SMALL, ".topbar") == []
    for index in range(page.locator(".rail-buttons button").count()):
        page.locator(".rail-buttons button").nth(index).click()
        assert fits(phone)
    page.keyboard.press("Control+,")
    page.wait_for_selector(".settings")
    assert fits(phone)
    assert page.evaluate(SMALL, ".settings .icon-button, .settings select") == []


def test_the_canvas_is_one_tap_away_and_so_is_the_form(phone: Workbench) -> None:
    page = phone.page
    page.get_by_role("button", name="Canvas", exact=True).click()
    page.get_by_role("region", name="The graph as a form").wait_for(state="detached")
    page.locator(".react-flow__node").first.wait_for()
    page.get_by_role("button", name="Form", exact=True).click()
    page.get_by_role("region", name="The graph as a form").wait_for()


def test_what_is_pinned_comes_first_and_what_is_hidden_is_folded_away(phone: Workbench) -> None:
    page = phone.page
    page.get_by_role("button", name="First in the form: Prompt", exact=True).click()
    page.wait_for_function("document.querySelector('.form-section h2').innerText === 'Prompt'")
    page.get_by_role("button", name="Hide in the form: Save", exact=True).click()
    page.get_by_role("button", name="Hidden (1)").wait_for()
    assert "Save" not in sections(phone)
    page.get_by_role("button", name="Hidden (1)").click()
    assert sections(phone)[-1] == "Save"
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.wait_for_function("document.querySelector('.form-section h2').innerText !== 'Prompt'")


def test_the_inspector_is_a_sheet_on_a_tablet(bench: Workbench, server: Program) -> None:
    bench.open_graph(server, server.get("/graphs/txt2img"))
    bench.node("Sample").locator(".node-title").click()
    bench.page.keyboard.press("i")
    bench.page.set_viewport_size({"width": 820, "height": 1000})
    sheet: Any = bench.page.get_by_role("complementary", name="Inspector").bounding_box()
    assert sheet["width"] == 820
    assert sheet["y"] > 300
    assert fits(bench)
