"""Nodes are found by a few letters and added by keys, by a double click, for a wire, and from the panel."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .workbench import Workbench


def test_a_node_is_added_by_keys_alone(bench: Workbench) -> None:
    bench.search("conc cond").first.wait_for()
    bench.page.keyboard.press("Enter")
    bench.node("Conditioning (Concat)").wait_for()
    expect(bench.page.locator(".react-flow__node.selected")).to_have_count(1)
    bench.page.keyboard.press("Control+z")
    expect(bench.page.locator(".node-card")).to_have_count(0)


def test_arrows_choose_and_escape_adds_nothing(bench: Workbench) -> None:
    found = bench.search("decode")
    expect(found.first).to_have_attribute("aria-selected", "true")
    second = found.nth(1).locator(".search-title").inner_text()
    bench.page.keyboard.press("ArrowDown")
    expect(found.nth(1)).to_have_attribute("aria-selected", "true")
    bench.page.keyboard.press("ArrowUp")
    bench.page.keyboard.press("Escape")
    expect(bench.page.get_by_role("dialog")).to_have_count(0)
    expect(bench.page.locator(".node-card")).to_have_count(0)
    bench.search("decode")
    bench.page.keyboard.press("ArrowDown")
    bench.page.keyboard.press("Enter")
    bench.node(second).wait_for()


def test_filters_ask_for_sockets(bench: Workbench) -> None:
    found = bench.search("in:LATENT out:IMAGE")
    expect(found.first).to_contain_text("VAE Decode")
    bench.page.get_by_role("combobox", name="Add a node").fill("zzzz")
    expect(found).to_have_count(0)
    expect(bench.page.get_by_role("dialog").get_by_role("status")).to_contain_text("Fewer letters")


def test_what_is_used_and_liked_comes_first(bench: Workbench) -> None:
    bench.search("Invert Image")
    bench.page.get_by_role("button", name="Favourite: Invert Image").click()
    bench.page.get_by_role("combobox", name="Add a node").fill("")
    first = bench.page.get_by_role("option").first
    expect(first).to_contain_text("Invert Image")
    expect(first.get_by_label("Favourite")).to_be_visible()
    bench.page.get_by_role("button", name="Favourite: Invert Image").click()


def test_a_double_click_adds_where_it_was(bench: Workbench) -> None:
    bench.add("KSampler")
    box = bench.page.locator(".react-flow__pane").bounding_box()
    assert box is not None
    at = (box["x"] + 60, box["y"] + 60)
    bench.page.mouse.dblclick(*at)
    bench.page.get_by_role("combobox", name="Add a node").fill("vae decode")
    bench.page.keyboard.press("Enter")
    card = bench.node("VAE Decode").bounding_box()
    assert card is not None
    assert abs(card["x"] - at[0]) < 40
    assert abs(card["y"] - at[1]) < 60


def test_a_wire_let_go_over_nothing_asks_for_nodes_that_take_it(bench: Workbench) -> None:
    bench.add("Load Checkpoint")
    socket = bench.page.locator('[data-handleid="output-2"]').first.bounding_box()
    assert socket is not None
    x, y = socket["x"] + socket["width"] / 2, socket["y"] + socket["height"] / 2
    bench.page.mouse.move(x, y)
    bench.page.mouse.down()
    bench.page.mouse.move(x + 60, y + 120, steps=4)
    bench.page.mouse.move(x + 80, y + 160, steps=4)
    bench.page.mouse.up()
    expect(bench.page.get_by_role("dialog", name="Add a node")).to_contain_text(re.compile("Nodes that take\\s*VAE"))
    titles = bench.page.get_by_role("option").all_inner_texts()
    assert not any("CLIP Text Encode" in title for title in titles)
    bench.page.get_by_role("combobox", name="Add a node").fill("decode")
    bench.page.keyboard.press("Enter")
    bench.node("VAE Decode").wait_for()
    expect(bench.page.locator(".react-flow__edge")).to_have_count(1)


def test_the_panel_has_all_nodes_by_category(bench: Workbench) -> None:
    panel = bench.panel("Nodes")
    panel.locator("summary", has_text="sampling").click()
    panel.get_by_role("button", name="KSampler", exact=True).click()
    bench.node("KSampler").wait_for()
    panel.get_by_label("Filter nodes").fill("pad")
    source = panel.get_by_role("button", name="Pad Image for Outpainting", exact=True)
    source.drag_to(bench.page.locator(".react-flow__pane"), target_position={"x": 500, "y": 420})
    bench.node("Pad Image for Outpainting").wait_for()
    bench.panel_away("Nodes")


def test_the_inspector_tells_what_a_node_does(bench: Workbench) -> None:
    bench.add("KSampler")
    bench.page.keyboard.press("i")
    inspector = bench.page.get_by_role("complementary", name="Inspector")
    expect(inspector).to_contain_text("Denoise a latent towards the positive conditioning")
    expect(inspector).to_contain_text("the same seed gives the same picture")
    inspector.get_by_label("Title", exact=True).fill("My sampler")
    inspector.get_by_role("button", name="Mute").click()
    assert bench.states() == {"My sampler": "muted"}
    bench.page.locator(".react-flow__pane").click(position={"x": 20, "y": 20})
    expect(inspector).to_contain_text("Select a node")
    inspector.get_by_role("button", name="Close Inspector").click()
