"""A wire into a field takes the place of its value, and taking it off gives the field its own value back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .kit import field_kit

if TYPE_CHECKING:
    from .workbench import Workbench


def test_a_wired_field_tells_its_source_and_gives_its_value_back(bench: Workbench) -> None:
    bench.teach({"FieldKit": field_kit(), "Whole": whole()})
    source = bench.add("Whole")
    bench.drag(source.get_by_title("Whole"), -400)
    kit = bench.add("Field kit")
    width = kit.get_by_role("spinbutton", name="width", exact=True)
    width.fill("768")
    bench.keys("Enter")
    bench.keys("Shift+F")
    bench.wire(source, "INT", kit, "width")
    told = kit.get_by_role("button", name="from Whole")
    expect(told).to_be_visible()
    expect(width).to_have_count(0)
    kit.get_by_role("button", name="Take the wire off width").click()
    expect(width).to_have_value("768")
    bench.page.locator("body").press("Control+z")
    expect(told).to_be_visible()


def whole() -> dict[str, object]:
    """Return a class with one output, which fits the fields of whole numbers."""
    return {**field_kit(), "name": "Whole", "display_name": "Whole", "input": {"required": {}}, "output_name": ["INT"]}
