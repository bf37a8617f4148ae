"""The whole of it, from nothing: built by search and drag alone, run, run again, and graph and pixels got back."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import numpy as np
from PIL import Image

from tests.server.program import Program

from .sheet import Sheet
from .workbench import Workbench

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHECKPOINT, LATENT, POSITIVE, NEGATIVE, SAMPLER, DECODE, SAVE = range(1, 8)
COLUMNS = {
    CHECKPOINT: ("load checkpoint", 80, 120),
    LATENT: ("empty latent for", 80, 420),
    POSITIVE: ("clip text encode", 400, 100),
    NEGATIVE: ("clip text encode", 400, 400),
    SAMPLER: ("ksampler", 730, 100),
    DECODE: ("vae decode", 1060, 120),
}
WIRES = (
    (CHECKPOINT, 2, LATENT, 0),
    (CHECKPOINT, 1, POSITIVE, 0),
    (CHECKPOINT, 1, NEGATIVE, 0),
    (CHECKPOINT, 0, SAMPLER, 0),
    (POSITIVE, 0, SAMPLER, 1),
    (NEGATIVE, 0, SAMPLER, 2),
    (LATENT, 0, SAMPLER, 3),
    (SAMPLER, 0, DECODE, 0),
    (CHECKPOINT, 2, DECODE, 1),
)
DROP = """(main, [text, name]) => {
    const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([bytes], name, {type: "image/png"}));
    for (const kind of ["dragenter", "dragover", "drop"])
        main.dispatchEvent(new DragEvent(kind, {bubbles: true, cancelable: true, dataTransfer}));
}"""


def test_from_an_empty_page_to_the_same_pixels_again(bench: Workbench, server: Program) -> None:
    bench.page.set_viewport_size({"width": 1600, "height": 900})
    sheet = Sheet(bench)
    _build(bench, sheet)
    _fill(sheet, SAMPLER, "seed", "11")
    _fill(sheet, SAMPLER, "steps", "60")
    _fill(sheet, LATENT, "width", "64")
    _fill(sheet, LATENT, "height", "64")
    _fill(sheet, POSITIVE, "text", "red apple on a blue background")
    sheet.node(SAMPLER).get_by_role("radio", name="Keep").click()

    bench.run()
    sheet.node(SAMPLER).locator("[data-live] img").wait_for()
    bench.finish()
    first = _picture(server, sheet)

    _fill(sheet, SAMPLER, "seed", "12")
    bench.run()
    bench.finish()
    again = [node for node in range(1, 8) if _state(sheet, node) == "done"]
    assert again == [SAMPLER, DECODE, SAVE]
    second = _picture(server, sheet)
    assert (_pixels(first) != _pixels(second)).any()

    graph = _meaning(sheet.document())
    bench.press("New graph")
    bench.page.wait_for_function("() => !document.querySelector('.node-card')")
    bench.page.locator("main").evaluate(DROP, [base64.b64encode(second).decode(), "second.png"])
    bench.page.wait_for_function("() => document.querySelectorAll('.node-card').length === 7")
    assert _meaning(sheet.document()) == graph
    bench.run()
    bench.finish()
    assert (_pixels(_picture(server, sheet)) == _pixels(second)).all()


def _build(bench: Workbench, sheet: Sheet) -> None:
    """Search for every node where it shall stand, lay the wires by hand, and let one end over nothing."""
    main = bench.page.locator("main").bounding_box()
    assert main is not None
    for number, (words, x, y) in COLUMNS.items():
        bench.page.mouse.dblclick(main["x"] + x, main["y"] + y)
        _find(bench, words)
        sheet.node(number).wait_for()
        sheet.rest()
    for source, output, target, place in WIRES:
        sheet.drag(sheet.socket(source, f"output-{output}"), sheet.socket(target, f"input-{place}"))
    sheet.drag(sheet.socket(DECODE, "output-0"), (150.0, 200.0))
    _find(bench, "save image")
    sheet.node(SAVE).wait_for()
    assert sheet.links() == {*WIRES, (DECODE, 0, SAVE, 0)}


def _find(bench: Workbench, words: str) -> None:
    bench.page.get_by_role("combobox", name="Add a node").fill(words)
    bench.page.get_by_role("option").first.wait_for()
    bench.page.keyboard.press("Enter")
    bench.page.get_by_role("dialog", name="Add a node").wait_for(state="detached")


def _fill(sheet: Sheet, node: int, field: str, value: str) -> None:
    box = sheet.node(node).get_by_label(field, exact=True)
    box.fill(value)
    box.blur()


def _state(sheet: Sheet, node: int) -> str | None:
    return sheet.node(node).locator(".node-card").get_attribute("data-state")


def _picture(server: Program, sheet: Sheet) -> bytes:
    """Return the file that the save node shows, and not the small form of it that is shown."""
    image = sheet.node(SAVE).locator(".node-picture img")
    image.wait_for()
    asked = parse_qs(urlsplit(image.get_attribute("src") or "").query)
    wanted: dict[str, str] = {name: asked[name][0] for name in ("filename", "subfolder", "type") if name in asked}
    return bytes(sheet.page.request.get(f"{server.url}/view?{urlencode(wanted)}").body())


def _pixels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def _meaning(document: dict[str, Any]) -> Any:
    nodes = [(node["id"], node["type"], node.get("widgets_values")) for node in document["nodes"]]
    return sorted(nodes, key=lambda node: node[0]), sorted(link[1:5] for link in document["links"])
