"""The editor looks and speaks as its user wants: themes, motion, settings, languages; nothing of it is cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.server.program import Program

from .workbench import Workbench

Graph = dict[str, dict[str, Any]]

GROUND = "getComputedStyle(document.body).backgroundColor"
GROUNDS = {"dark": "rgb(15, 17, 21)", "light": "rgb(246, 247, 249)", "contrast": "rgb(0, 0, 0)"}
CUT = """() => [...document.querySelectorAll('button, label, h2, h3, p, legend, dt')].filter(element => {
    const style = getComputedStyle(element), box = element.getBoundingClientRect();
    const isSeen = box.width > 1 && box.height > 1 && style.visibility !== 'hidden';
    const clips = style.overflowX !== 'visible' && element.scrollWidth > element.clientWidth + 1;
    const leaves = box.right > innerWidth + 1 && !element.closest('.react-flow, .rail-buttons, .tabs');
    const isTold = element.title || element.closest('[title]') || element.closest('.node-card');
    return isSeen && (clips || leaves) && !isTold && element.innerText.trim();
}).map(element => `${element.className}: ${element.innerText}`)"""
UNSPOKEN = """() => [...document.querySelectorAll('.rail-buttons button, .panel h2, .settings label, .floating h2')]
    .map(element => element.innerText.trim()).filter(text => text && !text.startsWith('['))"""
"""What is said and is not of the language that is spoken, which puts all in brackets."""


@pytest.fixture(autouse=True)
def _forget_settings(server: Program) -> Iterator[None]:
    """Settings stay with the user on the server; a test leaves none that say anything."""
    yield
    server.ask("POST", "/settings", dict.fromkeys(server.get("/settings")))


def command(bench: Workbench, words: str) -> None:
    """Do a command by its name in the palette."""
    bench.page.keyboard.press("Control+k")
    bench.page.get_by_role("combobox").fill(words)
    bench.page.keyboard.press("Enter")
    bench.page.get_by_role("combobox").wait_for(state="detached")


def test_the_system_is_followed(bench: Workbench) -> None:
    page = bench.page
    for scheme in ("light", "dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.wait_for_selector(f":root[data-theme={scheme}]")
        assert page.evaluate(GROUND) == GROUNDS[scheme]
    page.emulate_media(contrast="more")
    page.wait_for_selector(":root[data-theme=contrast]")


def test_a_theme_is_chosen_in_the_palette_and_kept(bench: Workbench) -> None:
    for words, theme in (("Theme: light", "light"), ("Theme: high contrast", "contrast"), ("Theme: dark", "dark")):
        command(bench, words)
        assert bench.page.evaluate(GROUND) == GROUNDS[theme]
    command(bench, "Theme: light")
    bench.page.reload()
    bench.ready()
    assert bench.page.evaluate(GROUND) == GROUNDS["light"]


def test_settings_go_with_the_user_to_another_browser(bench: Workbench, server: Program) -> None:
    page = bench.page
    page.keyboard.press("Control+,")
    settings = page.get_by_role("dialog", name="Settings")
    with page.expect_response(lambda answer: "/settings/ldm_nodes.theme" in answer.url):
        settings.get_by_label("Theme", exact=True).select_option(label="Light")
    with page.expect_response(lambda answer: "/settings/ldm_nodes.grid" in answer.url):
        settings.get_by_label("Distance of the grid").select_option(label="32 px")
    with page.expect_response(lambda answer: "/settings/ldm_nodes.single_keys" in answer.url):
        settings.get_by_label("Single-letter keys").uncheck()
    kept = server.get("/settings")
    assert (kept["ldm_nodes.theme"], kept["ldm_nodes.grid"], kept["ldm_nodes.single_keys"]) == ("light", 32, False)
    page.evaluate("localStorage.clear()")
    page.reload()
    bench.ready()
    assert page.evaluate(GROUND) == GROUNDS["light"]
    page.keyboard.press("Control+,")
    assert page.get_by_label("Distance of the grid").input_value() == "32"
    assert not page.get_by_label("Single-letter keys").is_checked()


def test_nothing_moves_where_no_motion_is_wanted(bench: Workbench, server: Program) -> None:
    bench.open_graph(server, server.get("/graphs/txt2img"))
    bench.page.keyboard.press("Control+,")
    bench.page.get_by_role("dialog", name="Settings").wait_for()
    bench.page.emulate_media(reduced_motion="reduce")
    moving = """[...document.querySelectorAll('*')].flatMap(element => [null, '::before'].map(
        part => getComputedStyle(element, part).transitionDuration)).filter(time => parseFloat(time) > 0)"""
    assert bench.page.evaluate(f"{moving}.length") == 0
    bench.page.emulate_media(reduced_motion="no-preference")
    assert bench.page.evaluate(f"{moving}.length") > 0
    bench.page.evaluate("document.documentElement.dataset.motion = 'none'")
    assert bench.page.evaluate(f"{moving}.length") == 0


def test_the_systems_own_colours_keep_what_colours_mean(bench: Workbench, server: Program) -> None:
    bench.open_graph(server, server.get("/graphs/txt2img"))
    bench.page.emulate_media(forced_colors="active")
    socket = bench.node("Sample").locator(".socket").first
    drawn = "socket => getComputedStyle(socket, '::after').backgroundColor"
    assert socket.evaluate(drawn) == socket.evaluate("socket => getComputedStyle(socket).color")
    assert bench.page.locator(".run-main").evaluate("button => getComputedStyle(button).borderTopStyle") == "solid"


def test_a_longer_language_is_spoken_everywhere_and_not_cut_off(bench: Workbench, server: Program) -> None:
    page = bench.page
    bench.open_graph(server, server.get("/graphs/txt2img"))
    page.evaluate("localStorage.setItem('ldm_nodes.language', JSON.stringify({state: {choice: 'en-XA'}, version: 0}))")
    page.reload()
    bench.ready()
    page.wait_for_selector("html[lang=en-XA]")
    page.wait_for_selector(".node-card")
    for index in range(page.locator(".rail-buttons button").count()):
        page.locator(".rail-buttons button").nth(index).click()
        assert page.evaluate(CUT) == []
    page.keyboard.press("Control+,")
    page.wait_for_selector(".settings")
    assert page.evaluate(CUT) == []
    assert page.evaluate(UNSPOKEN) == []


def test_the_page_allows_no_script_but_its_own(bench: Workbench) -> None:
    """The policy itself; that nothing is asked of anywhere else, every story checks."""
    policy = bench.page.request.get(bench.url).headers["content-security-policy"]
    parts = {part.split()[0]: part.split()[1:] for part in policy.split(";") if part.strip()}
    scripts = parts.get("script-src", parts["default-src"])
    assert "'self'" in scripts
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "data:"} & set(scripts)
