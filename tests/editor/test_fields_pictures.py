"""Pictures: dropped, pasted or chosen they are on the server at once, and a mask is painted on them pixel by pixel."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING
from urllib.parse import quote
from urllib.request import urlopen

from PIL import Image
from playwright.sync_api import Locator, expect

from .workbench import Workbench

if TYPE_CHECKING:
    from tests.server.program import Program

SIZE = 64
GIVE = """([base64, name, type, event]) => {
    const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], name, {type}));
    const target = event === 'paste' ? document.body : document.querySelector('.file-field');
    const given = event === 'paste'
        ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
        : new DragEvent(event, {dataTransfer: data, bubbles: true, cancelable: true});
    target.dispatchEvent(given);
}"""


def png(colour: tuple[int, int, int]) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (SIZE, SIZE), colour).save(buffer, "png")
    return buffer.getvalue()


def give(bench: Workbench, event: str, body: bytes, name: str, kind: str = "image/png") -> None:
    """Paste or drop a file, as a browser tells of it."""
    bench.page.evaluate(GIVE, [base64.b64encode(body).decode(), name, kind, event])


def chosen(card: Locator) -> Locator:
    return card.get_by_role("button", name="image: ")


def stored(server: Program, name: str) -> bytes:
    folder, _, filename = name.rpartition("/")
    with urlopen(f"{server.url}/view?type=input&subfolder={quote(folder)}&filename={quote(filename)}") as answer:
        body: bytes = answer.read()
    return body


def test_a_picture_that_is_dropped_arrives_byte_by_byte(bench: Workbench, server: Program) -> None:
    card = bench.add("Load Image")
    before = chosen(card).inner_text()
    body = png((200, 30, 30))
    give(bench, "drop", body, "dropped.png")
    expect(chosen(card)).to_have_text("dropped.png")
    assert stored(server, "dropped.png") == body
    expect(card.get_by_role("img", name="The chosen picture")).to_be_visible()
    bench.keys("Control+z")
    expect(chosen(card)).to_have_text(before)


def test_a_picture_that_is_pasted_goes_into_the_selected_node(bench: Workbench, server: Program) -> None:
    card = bench.add("Load Image")
    body = png((30, 200, 30))
    give(bench, "paste", body, "image.png")
    expect(chosen(card)).to_have_text(re.compile(r"^pasted-\d{14}\.png$"))
    name = chosen(card).inner_text()
    assert stored(server, name) == body


def test_a_picture_is_chosen_from_the_disk(bench: Workbench, server: Program) -> None:
    card = bench.add("Load Image")
    body = png((30, 30, 200))
    with bench.page.expect_file_chooser() as chooser:
        card.get_by_role("button", name="Upload…").click()
    chooser.value.set_files({"name": "from disk.png", "mimeType": "image/png", "buffer": body})
    expect(chosen(card)).to_have_text("from disk.png")
    assert stored(server, "from disk.png") == body


def test_what_is_no_picture_is_refused_by_name(bench: Workbench) -> None:
    card = bench.add("Load Image")
    before = chosen(card).inner_text()
    give(bench, "drop", b"hello", "letter.txt", "text/plain")
    expect(bench.page.get_by_text("letter.txt is no file of this kind.")).to_be_visible()
    expect(chosen(card)).to_have_text(before)


def test_a_mask_is_painted_and_kept_in_the_alpha_of_the_picture(bench: Workbench, server: Program) -> None:
    card = bench.add("Load Image")
    give(bench, "drop", png((10, 120, 240)), "sea.png")
    expect(chosen(card)).to_have_text("sea.png")
    card.get_by_role("button", name="Mask…").click()
    paper = bench.page.get_by_role("application", name="The picture to paint on")
    set_range(bench, "Size", 16)
    set_range(bench, "Hardness", 1)
    paint(bench, paper, (16, 16), (16, 48))
    with bench.page.expect_response("**/upload/mask") as answered:
        bench.page.get_by_role("button", name="Use this mask").click()
    expect(chosen(card)).to_have_text(f"clipspace/{answered.value.json()['name']}")
    masked = Image.open(io.BytesIO(stored(server, chosen(card).inner_text())))
    assert (masked.mode, masked.size) == ("RGBA", (SIZE, SIZE))
    assert masked.convert("RGB").getcolors() == [(SIZE * SIZE, (10, 120, 240))]
    alpha = masked.getchannel("A")
    assert [alpha.getpixel((16, y)) for y in (16, 32, 48)] == [0, 0, 0]
    assert [alpha.getpixel(spot) for spot in ((40, 32), (0, 0), (63, 63))] == [255, 255, 255]
    bench.keys("Control+z")
    expect(chosen(card)).to_have_text("sea.png")


def test_strokes_are_erased_inverted_cleared_and_taken_back(bench: Workbench) -> None:
    card = bench.add("Load Image")
    give(bench, "drop", png((90, 90, 90)), "grey.png")
    expect(chosen(card)).to_have_text("grey.png")
    card.get_by_role("button", name="Mask…").click()
    paper = bench.page.get_by_role("application", name="The picture to paint on")
    set_range(bench, "Size", 16)
    set_range(bench, "Hardness", 1)
    spots = [[32, 32], [4, 4]]
    assert masked_at(paper, spots) == [0, 0]
    paint(bench, paper, (32, 32), (33, 32))
    assert masked_at(paper, spots) == [255, 0]
    bench.page.get_by_role("button", name="Invert").click()
    assert masked_at(paper, spots) == [0, 255]
    bench.page.get_by_role("button", name="Eraser").click()
    paint(bench, paper, (4, 4), (5, 4))
    assert masked_at(paper, spots) == [0, 0]
    paper.press("Control+z")
    assert masked_at(paper, spots) == [0, 255]
    bench.page.get_by_role("button", name="Clear").click()
    assert masked_at(paper, spots) == [0, 0]
    bench.page.get_by_role("button", name="Brush").click()
    paper.press("Space")  # the brush of the keyboard begins in the middle
    assert masked_at(paper, spots) == [255, 0]
    bench.page.get_by_role("button", name="Cancel").click()
    expect(paper).to_have_count(0)
    expect(chosen(card)).to_have_text("grey.png")


def test_a_mask_that_a_picture_has_can_be_painted_on(bench: Workbench) -> None:
    card = bench.add("Load Image")
    buffer = io.BytesIO()
    Image.new("RGBA", (SIZE, SIZE), (5, 5, 5, 0)).save(buffer, "png")
    give(bench, "drop", buffer.getvalue(), "hole.png")
    expect(chosen(card)).to_have_text("hole.png")
    card.get_by_role("button", name="Mask…").click()
    paper = bench.page.get_by_role("application", name="The picture to paint on")
    paper.locator("canvas").wait_for()
    assert masked_at(paper, [[1, 1], [60, 60]]) == [255, 255]


def set_range(bench: Workbench, name: str, value: float) -> None:
    bench.page.get_by_role("slider", name=name).fill(str(value))


def paint(bench: Workbench, paper: Locator, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw a stroke between two pixels of the picture."""
    box = paper.bounding_box()
    assert box is not None
    scale = box["width"] / SIZE
    bench.page.mouse.move(box["x"] + start[0] * scale, box["y"] + start[1] * scale)
    bench.page.mouse.down()
    bench.page.mouse.move(box["x"] + end[0] * scale, box["y"] + end[1] * scale, steps=6)
    bench.page.mouse.up()


def masked_at(paper: Locator, spots: list[list[int]]) -> list[int]:
    read = "(canvas, spots) => spots.map(([x, y]) => canvas.getContext('2d').getImageData(x, y, 1, 1).data[3])"
    found: list[int] = paper.locator("canvas").evaluate(read, spots)
    return found
