"""Lists: searched by typing, stepped by arrows, fetched from routes; a name that is missing gets the likeliest."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .kit import add_kit, field_kit
from .workbench import Workbench


def choice(card: Locator, name: str) -> Locator:
    return card.get_by_role("button", name=f"{name}: ")


def test_a_choice_is_found_by_typing(bench: Workbench) -> None:
    style = choice(add_kit(bench), "style")
    style.click()
    search = bench.page.get_by_role("combobox", name="style")
    search.fill("style 23")
    expect(bench.page.get_by_role("option")).to_have_text(["style/0023"])
    bench.keys("Enter")
    expect(style).to_have_text("style/0023")
    expect(style).to_be_focused()
    bench.keys("Control+z")
    expect(style).to_have_text("style/0000")


def test_arrows_take_the_neighbour_and_a_letter_opens_the_list(bench: Workbench) -> None:
    style = choice(add_kit(bench), "style")
    style.focus()
    bench.keys("ArrowDown", 2)
    expect(style).to_have_text("style/0002")
    bench.keys("7")
    expect(bench.page.get_by_role("combobox", name="style")).to_have_value("7")
    bench.keys("Escape")
    expect(style).to_have_text("style/0002")


def test_of_thousands_only_those_in_sight_are_drawn(bench: Workbench) -> None:
    kit = field_kit()
    kit["input"]["required"]["style"] = [[f"style/{number:05}" for number in range(9000)], {}]
    bench.teach({"FieldKit": kit})
    style = choice(bench.add("Field kit"), "style")
    style.click()
    bench.keys("ArrowUp")
    bench.page.get_by_role("option", name="style/08999").wait_for()
    assert bench.page.get_by_role("option").count() < 60
    bench.keys("Enter")
    expect(style).to_have_text("style/08999")


def test_a_missing_name_is_told_with_the_likeliest(bench: Workbench) -> None:
    card = add_kit(bench)
    kit = field_kit()
    kit["input"]["required"]["style"][0] = ["none", "moved/0000", "other"]
    bench.taught = {"FieldKit": kit}
    bench.page.locator("body").press("r")
    expect(card.get_by_text("style/0000 is not here.")).to_be_visible()
    card.get_by_role("button", name="Use moved/0000").click()
    expect(choice(card, "style")).to_have_text("moved/0000")
    expect(card.get_by_text("is not here")).to_have_count(0)


def test_a_list_is_fetched_from_its_route_and_again_on_demand(bench: Workbench) -> None:
    lists = [["one", "two"], ["three"]]
    bench.page.route("**/models/checkpoints", lambda route: route.fulfill(json=lists.pop(0)))
    card = add_kit(bench)
    remote = choice(card, "remote")
    remote.click()
    expect(bench.page.get_by_role("option")).to_have_text(["one", "two"])
    bench.keys("Enter")
    expect(remote).to_have_text("one")
    card.get_by_role("button", name="Fetch the list again").click()
    expect(remote).to_have_text("three")  # its option `control_after_refresh` is "first"


def test_a_list_that_does_not_come_is_told_and_can_be_asked_for_again(bench: Workbench) -> None:
    bench.expected = ("400 GET",)
    answers = [(400, "There is no such list."), (200, '["here"]')]

    def answer() -> dict[str, int | str]:
        status, body = answers.pop(0)
        return {"status": status, "body": body}

    bench.page.route("**/models/checkpoints", lambda route: route.fulfill(**answer()))
    card = add_kit(bench)
    expect(card.get_by_text("The list did not come: There is no such list.")).to_be_visible()
    card.get_by_role("button", name="Fetch the list again").click()
    expect(choice(card, "remote")).to_have_text("here")


def test_any_number_can_be_chosen_where_an_input_takes_many(bench: Workbench) -> None:
    card = add_kit(bench)
    choice(card, "tags").click()
    bench.page.get_by_role("option", name="b").click()
    bench.page.get_by_role("option", name="c").click()
    bench.keys("Escape")
    expect(choice(card, "tags")).to_have_text("3 chosen")
    card.get_by_role("button", name="Remove a").click()
    expect(choice(card, "tags")).to_have_text("2 chosen")
