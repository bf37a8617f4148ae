"""Every command has a name: in the palette, in the menu, in the map of keys."""

from __future__ import annotations

from playwright.sync_api import expect

from .workbench import Workbench


def test_the_palette_does_what_is_named(bench: Workbench) -> None:
    bench.add("KSampler")
    bench.command("mute")
    assert bench.states() == {"KSampler": "muted"}
    bench.command("undo")
    assert bench.states()["KSampler"] != "muted"


def test_what_cannot_be_done_says_why(bench: Workbench) -> None:
    bench.page.keyboard.press("Control+k")
    bench.page.get_by_role("combobox", name="Find a command").fill("bypass")
    option = bench.page.get_by_role("option", name="Bypass").first
    expect(option).to_have_attribute("aria-disabled", "true")
    expect(option).to_contain_text("Select a node first")
    bench.page.keyboard.press("Enter")
    expect(bench.page.get_by_role("dialog", name="Find a command")).to_be_visible()


def test_keys_of_commands_are_not_heard_while_a_field_is_typed_into(bench: Workbench) -> None:
    bench.add("CLIP Text Encode (Prompt)")
    text = bench.node("CLIP Text Encode (Prompt)").locator("textarea")
    text.fill("")
    text.press_sequentially("mbg")
    assert text.input_value() == "mbg"
    assert bench.states() == {"CLIP Text Encode (Prompt)": "idle"}
    assert bench.page.locator(".react-flow__node-frame").count() == 0
    text.press("Control+k")
    expect(bench.page.get_by_role("dialog", name="Find a command")).to_be_visible()
    bench.page.keyboard.press("Escape")
    expect(text).to_be_focused()


def test_the_map_shows_keys_that_work(bench: Workbench) -> None:
    bench.page.keyboard.press("?")
    keys = bench.page.get_by_role("dialog", name="Keys")
    for command in ("Undo", "Duplicate", "Run", "Add a node", "Outline"):
        expect(keys.get_by_text(command, exact=True).first).to_be_visible()
    bench.page.keyboard.press("Escape")
    expect(keys).to_have_count(0)


def test_the_menu_is_walked_by_arrows(bench: Workbench) -> None:
    bench.add("KSampler")
    bench.page.get_by_role("button", name="Menu", exact=True).click()
    file = bench.page.get_by_role("menuitem", name="File")
    expect(file).to_be_focused()
    bench.page.keyboard.press("ArrowDown")
    bench.page.keyboard.press("ArrowRight")
    undo = bench.page.get_by_role("menuitem", name="Undo")
    expect(undo).to_be_focused()
    expect(undo).to_have_attribute("aria-keyshortcuts", "Control+Z")
    bench.page.keyboard.press("Enter")
    expect(bench.page.locator(".node-card")).to_have_count(0)
    expect(bench.page.get_by_role("button", name="Menu", exact=True)).to_be_focused()


def test_single_letters_can_be_turned_off(bench: Workbench) -> None:
    bench.add("KSampler")
    bench.command("single-letter")
    bench.page.keyboard.press("m")
    assert bench.states()["KSampler"] != "muted"
    bench.command("single-letter")
    bench.page.keyboard.press("m")
    assert bench.states()["KSampler"] == "muted"
