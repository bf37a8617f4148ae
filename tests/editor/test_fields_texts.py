"""Prompts: a run of typing is one step back, and Ctrl with an arrow weighs what is marked."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .kit import add_kit
from .workbench import Workbench

PROMPT = "a cat, (red:1.2) hat"


def prompt_of(card: Locator) -> Locator:
    return card.get_by_role("textbox", name="text", exact=True)


def test_a_run_of_typing_is_one_step_back(bench: Workbench) -> None:
    text = prompt_of(add_kit(bench))
    text.focus()
    bench.keys("End")
    bench.page.keyboard.type(" and boots")
    expect(text).to_have_value(f"{PROMPT} and boots")
    bench.keys("Control+z")
    expect(text).to_have_value(PROMPT)
    bench.keys("Control+Shift+z")
    expect(text).to_have_value(f"{PROMPT} and boots")


def test_what_is_typed_is_in_the_document_before_it_is_left(bench: Workbench) -> None:
    card = add_kit(bench)
    name = card.get_by_role("textbox", name="name", exact=True)
    name.fill("first")
    prompt_of(card).fill("second")
    bench.keys("Control+z")
    expect(prompt_of(card)).to_have_value(PROMPT)
    expect(name).to_have_value("first")
    bench.keys("Control+z")
    expect(name).to_have_value("")


def test_ctrl_with_an_arrow_weighs_the_word_at_the_caret(bench: Workbench) -> None:
    text = prompt_of(add_kit(bench))
    text.evaluate("box => { box.focus(); box.setSelectionRange(3, 3); }")
    bench.keys("Control+ArrowUp", 2)
    expect(text).to_have_value("a (cat:1.1), (red:1.2) hat")
    bench.keys("Control+ArrowDown", 3)
    expect(text).to_have_value("a (cat:0.95), (red:1.2) hat")
    bench.keys("Control+z", 3)
    expect(text).to_have_value("a (cat:1.1), (red:1.2) hat")


def test_marked_words_are_weighed_together_and_brackets_change_in_place(bench: Workbench) -> None:
    text = prompt_of(add_kit(bench))
    text.evaluate("box => { box.focus(); box.setSelectionRange(8, 11); }")
    bench.keys("Control+ArrowUp")
    expect(text).to_have_value("a cat, (red:1.25) hat")
    text.evaluate("box => { box.focus(); box.setSelectionRange(0, 5); }")
    bench.keys("Control+ArrowUp")
    expect(text).to_have_value("(a cat:1.05), (red:1.25) hat")
    selected = text.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    assert selected == "(a cat:1.05)"
