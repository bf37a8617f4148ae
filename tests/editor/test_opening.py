"""Any file that carries a graph opens, whoever wrote it; what cannot be opened says so in one sentence."""

from __future__ import annotations

import io
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.server.program import Program

from .documents import TXT2IMG, dialog, drop, dumped, notice, open_files, save_as, stored, wait_for_tabs
from .workbench import Workbench

SAVED = Path(__file__).parents[1] / "fixtures" / "golden" / "13_comfyui" / "saved_0.png"
GRAPH = json.loads(TXT2IMG.read_text())
FOREIGN: dict[str, Any] = {
    "id": "b2a1e0c4-0000-4000-8000-000000000001",
    "revision": 3,
    "last_node_id": 12,
    "last_link_id": 7,
    "nodes": [
        {
            "id": 12, "type": "OddUpscaler", "pos": [400, 100], "size": [300, 160], "flags": {}, "order": 1, "mode": 0,
            "inputs": [{"name": "image", "type": "IMAGE", "link": 7}, {"name": "odd", "type": "ODD", "link": None}],
            "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": []}], "title": "My upscaler",
            "properties": {"cnr_id": "odd-pack", "ver": "1.4.2", "Node name for S&R": "OddUpscaler"},
            "widgets_values": [2, "lanczos", {"deep": [1, None]}, 18446744073709551615],
        },
        {
            "id": 4, "type": "LoadImage", "pos": [0, 100], "size": [300, 300], "flags": {}, "order": 0, "mode": 0,
            "inputs": [], "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [7]},
                                      {"name": "MASK", "type": "MASK", "links": None}],
            "properties": {}, "widgets_values": ["holiday.png", "image"],
        },
        {
            "id": 5, "type": "CheckpointLoaderSimple", "pos": [0, 500], "size": [300, 100], "flags": {}, "order": 2,
            "mode": 0, "inputs": [], "outputs": [{"name": "MODEL", "type": "MODEL", "links": []},
                                                 {"name": "CLIP", "type": "CLIP", "links": []},
                                                 {"name": "VAE", "type": "VAE", "links": []}],
            "properties": {}, "widgets_values": ["realistic-v9.safetensors"],
        },
    ],
    "links": [[7, 4, 0, 12, 0, "IMAGE"]],
    "groups": [{"title": "Odd", "bounding": [-20, 60, 760, 380], "color": "#3f789e", "font_size": 24, "flags": {}}],
    "config": {},
    "extra": {"ds": {"scale": 0.8, "offset": [10, 20]}, "odd_pack": {"kept": True}},
    "version": 0.4,
}  # fmt: skip


def webp(graph: Any) -> bytes:
    """Return a picture as ComfyUI's client takes it."""
    picture = Image.new("RGB", (16, 16))
    exif = picture.getexif()
    exif[0x0110] = f"prompt:{json.dumps(graph)}"
    file = io.BytesIO()
    picture.save(file, "webp", exif=exif)
    return file.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """Return a picture with chunks before its end."""
    file = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(file, "png")
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
    return file.getvalue()[:-12] + body + file.getvalue()[-12:]


def titles(bench: Workbench) -> set[str]:
    """Return the titles of the nodes that are seen."""
    bench.page.wait_for_selector(".react-flow__node")
    bench.page.keyboard.press("Shift+F")
    bench.page.wait_for_selector(".node-card")
    return set(bench.states())


def test_files_of_every_kind_open_in_tabs_of_their_own(bench: Workbench, tmp_path: Path) -> None:
    wrapped = tmp_path / "from history.json"
    wrapped.write_text(json.dumps({"id-1": {"prompt": [1, "id-1", GRAPH, {}, ["9"]], "outputs": {}, "status": {}}}))
    open_files(bench, TXT2IMG, wrapped)
    wait_for_tabs(bench, "txt2img", "from history")
    assert "Sample" in titles(bench)
    drop(bench, "picture.webp", webp(GRAPH), "image/webp")
    wait_for_tabs(bench, "txt2img", "from history", "picture")
    assert "Sample" in titles(bench)


def test_a_picture_that_comfyui_saved_opens(bench: Workbench) -> None:
    drop(bench, "saved_0.png", SAVED.read_bytes(), "image/png")
    wait_for_tabs(bench, "saved_0")
    assert "Ünïcode" in titles(bench)


def test_a_foreign_graph_is_kept_whole_and_what_it_lacks_is_listed(
    bench: Workbench, server: Program, tmp_path: Path
) -> None:
    bench.expected = ("404 GET /view?filename=holiday.png",)
    path = tmp_path / "foreign.json"
    path.write_text(json.dumps(FOREIGN))
    open_files(bench, path)
    told = dialog(bench, "What foreign needs that is not here").inner_text()
    for part in ("OddUpscaler", "odd-pack 1.4.2", "realistic-v9.safetensors", "holiday.png"):
        assert part in told
    bench.page.keyboard.press("Escape")
    assert bench.states()["My upscaler"] == "missing"
    save_as(bench, "kept/foreign")
    notice(bench, "Saved kept/foreign.")
    assert stored(server, "kept/foreign") == FOREIGN


def test_a_picture_without_a_graph_becomes_a_node_with_the_picture(bench: Workbench, server: Program) -> None:
    drop(bench, "plain.png", png(), "image/png")
    bench.node("Load Image").wait_for()
    bench.page.wait_for_function("document.querySelector('.node-card')?.innerText.includes('plain.png')")
    assert "plain.png" in server.get("/internal/files/input")


BOMB = b"workflow\0\0" + zlib.compress(b" " * (64 << 20), 9)


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("bomb.png", png((b"zTXt", BOMB)), "packs more text"),
        ("deep.json", b'{"nodes":' * 5000, "64 levels"),
        ("proto.json", b'{"nodes": [], "links": [], "__proto__": {"x": 1}}', "__proto__"),
        ("cut.json", dumped(GRAPH)[:-40], "not JSON"),
        ("song.json", b'{"artist": "someone"}', "carries no graph"),
        ("film.mp4", b"\0\0\0\x18ftypmp42", "a video"),
        ("twice.json", dumped({"nodes": [{"id": 1, "type": "A"}, {"id": 1, "type": "B"}], "links": []}), "1"),
    ],
)
def test_what_cannot_be_opened_is_told_in_one_sentence(bench: Workbench, name: str, data: bytes, said: str) -> None:
    drop(bench, name, data)
    told = notice(bench, name).inner_text()
    assert said in told
    assert len(told) < 200
    wait_for_tabs(bench, "untitled")
