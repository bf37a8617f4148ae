"""Numbers are typed, computed, stepped, dragged and turned; each of that is one step of the undo list."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .kit import add_kit
from .workbench import Workbench


def number(card: Locator, name: str) -> Locator:
    return card.get_by_role("spinbutton", name=name, exact=True)


def test_numbers_are_typed_computed_and_stepped(bench: Workbench) -> None:
    width = number(add_kit(bench), "width")
    width.click()
    bench.page.keyboard.type("512*2")
    bench.keys("Enter")
    expect(width).to_have_value("1024")
    bench.keys("ArrowUp", 2)
    expect(width).to_have_value("1040")
    bench.keys("Shift+ArrowDown")
    expect(width).to_have_value("960")
    width.fill("1001")
    bench.keys("Tab")
    expect(width).to_have_value("1000")  # its step is 8


def test_what_is_no_number_is_marked_and_forgotten(bench: Workbench) -> None:
    width = number(add_kit(bench), "width")
    width.fill("five hundred")
    expect(width).to_have_attribute("aria-invalid", "true")
    width.blur()
    expect(width).to_have_value("512")
    width.fill("64")
    bench.keys("Escape")
    expect(width).to_have_value("512")


def test_the_wheel_steps_a_number_only_while_it_has_the_focus(bench: Workbench) -> None:
    width = number(add_kit(bench), "width")
    width.hover()
    bench.page.mouse.wheel(0, -10)
    expect(width).to_have_value("512")
    width.focus()
    width.hover()
    bench.page.mouse.wheel(0, -10)
    expect(width).to_have_value("520")


def test_a_drag_is_one_step_of_the_undo_list(bench: Workbench) -> None:
    card = add_kit(bench)
    free, width = number(card, "free"), number(card, "width")
    width.fill("640")
    bench.keys("Enter")
    bench.drag(free, 40)
    expect(free).to_have_value("8.5")
    bench.keys("Control+z")
    expect(free).to_have_value("7.5")
    expect(width).to_have_value("640")
    bench.keys("Control+y")
    expect(free).to_have_value("8.5")


def test_a_seed_of_64_bits_keeps_every_digit(bench: Workbench) -> None:
    seed = number(add_kit(bench), "seed")
    expect(seed).to_have_value("18446744073709551615")
    seed.focus()
    bench.keys("ArrowDown")
    expect(seed).to_have_value("18446744073709551614")
    seed.fill("9007199254740992 + 1")
    bench.keys("Enter")
    expect(seed).to_have_value("9007199254740993")


def test_sliders_knobs_switches_and_colours(bench: Workbench) -> None:
    card = add_kit(bench)
    card.get_by_role("slider", name="strength").press("ArrowRight")
    expect(number(card, "strength")).to_have_value("0.76")
    card.get_by_role("slider", name="turn").press("End")
    expect(number(card, "turn")).to_have_value("1.00")
    switch = card.get_by_role("switch", name="on")
    expect(switch).to_have_text("enabled")
    switch.press("Space")
    expect(switch).to_have_text("disabled")
    card.get_by_role("textbox", name="tint").last.fill("#ff8800")
    expect(card.locator("input[type=color]")).to_have_value("#ff8800")


def test_fields_for_experts_are_folded_away(bench: Workbench) -> None:
    card = add_kit(bench)
    expect(number(card, "deep")).to_have_count(0)
    card.get_by_role("button", name="more (1)").click()
    expect(number(card, "deep")).to_have_value("1")


def test_a_field_goes_back_to_its_usual_value(bench: Workbench) -> None:
    card = add_kit(bench)
    width = number(card, "width")
    width.fill("64")
    bench.keys("Enter")
    bench.keys("Alt+Backspace")
    expect(width).to_have_value("512")
    bench.keys("Control+z")
    expect(width).to_have_value("64")
    card.get_by_text("width", exact=True).dblclick()
    expect(width).to_have_value("512")
