from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from .house import House


def _png(colour: tuple[int, ...], size: tuple[int, int] = (4, 3), text: str = "") -> bytes:
    buffer = io.BytesIO()
    info = PngInfo()
    info.add_text("prompt", text)
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(buffer, "png", pnginfo=info if text else None)
    return buffer.getvalue()


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.fixture
def picture(tmp_path: Path, house: House) -> bytes:
    data = _png((255, 0, 0, 77))
    (tmp_path / "output" / "sub").mkdir()
    (tmp_path / "output" / "sub" / "a.png").write_bytes(data)
    return data


def test_a_file_comes_as_it_is(house: House, picture: bytes) -> None:
    answer = house.get("/view?filename=a.png&subfolder=sub&type=output&rand=0.5")
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, picture, "image/png")
    assert 'filename="a.png"' in answer.headers["content-disposition"]
    assert answer.headers["etag"]
    assert answer.headers["last-modified"]


def test_parts_of_a_file_can_be_had(house: House, picture: bytes) -> None:
    answer = house.get("/view?filename=a.png&subfolder=sub", Range="bytes=2-5")
    assert (answer.status, answer.body) == (206, picture[2:6])
    again = house.get("/view?filename=a.png&subfolder=sub", If_None_Match=answer.headers["etag"])
    assert again.status == 304


def test_only_the_base_name_of_filename_counts_and_a_marker_picks_the_folder(house: House, picture: bytes) -> None:
    assert house.get("/view?filename=other/a.png&subfolder=sub").body == picture
    assert house.get("/view?filename=a.png%20%5Boutput%5D&subfolder=sub&type=input").body == picture
    assert house.get("/view?filename=a.png%20%5Binput%5D&subfolder=sub").status == 404


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 404), ("filename=", 400), ("filename=/a.png", 400), ("filename=..", 400),
        ("filename=a.png&type=models", 400),
        ("filename=nothing.png", 404),
    ],
)  # fmt: skip
def test_the_checks_are_made_in_the_order_of_the_contract(house: House, query: str, status: int) -> None:
    assert house.get(f"/view?{query}").status == status


@pytest.mark.parametrize(
    ("query", "kind", "mode"),
    [
        ("preview=webp", "WEBP", "RGBA"), ("preview=jpeg;80", "JPEG", "RGB"), ("preview=nonsense", "WEBP", "RGBA"),
        ("preview=jpeg&channel=rgba", "WEBP", "RGBA"), ("preview=webp;90&channel=rgb", "WEBP", "RGB"),
        ("channel=rgb", "PNG", "RGB"), ("channel=a", "PNG", "RGBA"),
    ],
)  # fmt: skip
def test_a_picture_can_be_had_in_other_ways(house: House, picture: bytes, query: str, kind: str, mode: str) -> None:
    answer = house.get(f"/view?filename=a.png&subfolder=sub&{query}")
    found = _open(answer.body)
    assert (found.format, found.mode, found.size) == (kind, mode, (4, 3))
    assert answer.headers["content-type"] == f"image/{kind.lower()}"


def test_the_alpha_channel_is_black_with_the_alpha_of_the_picture(house: House, picture: bytes, tmp_path: Path) -> None:
    shown = _open(house.get("/view?filename=a.png&subfolder=sub&channel=a").body)
    assert shown.getpixel((0, 0)) == (0, 0, 0, 77)
    (tmp_path / "output" / "opaque.png").write_bytes(_png((1, 2, 3)))
    assert _open(house.get("/view?filename=opaque.png&channel=a").body).getpixel((0, 0)) == (0, 0, 0, 255)


def test_an_upload_comes_back(house: House, tmp_path: Path) -> None:
    data = _png((1, 2, 3))
    answer = house.upload("/upload/image", {"subfolder": "new/folder"}, "a b.png", data)
    assert answer.json == {"name": "a b.png", "subfolder": "new/folder", "type": "input"}
    assert house.get("/view?filename=a%20b.png&subfolder=new/folder&type=input").body == data
    assert [path.name for path in (tmp_path / "input" / "new" / "folder").iterdir()] == ["a b.png"]


def test_the_same_bytes_are_kept_once_and_others_under_another_name(house: House) -> None:
    def name(data: bytes, **fields: str) -> str:
        return str(house.upload("/upload/image", fields, "a.png", data).json["name"])

    assert [name(b"one"), name(b"one"), name(b"two"), name(b"two"), name(b"three")] == [
        "a.png", "a.png", "a (1).png", "a (1).png", "a (2).png",
    ]  # fmt: skip
    assert name(b"four", overwrite="true") == "a.png"
    assert house.get("/view?filename=a.png&type=input").body == b"four"
    assert name(b"five", type="temp") == "a.png"
    assert house.get("/view?filename=a.png&type=temp").body == b"five"


def test_forms_without_a_file_are_refused(house: House) -> None:
    assert house.upload("/upload/image", {}, "", b"data").status == 400
    assert house.post("/upload/image", {}).status == 400
    assert house.upload("/upload/image", {"type": "models"}, "a.png", b"data").status == 400


def test_a_mask_takes_the_place_of_the_alpha_and_texts_stay(house: House, tmp_path: Path) -> None:
    (tmp_path / "output" / "a.png").write_bytes(_png((9, 8, 7), text="the graph"))
    fields = {
        "original_ref": json.dumps({"filename": "a.png", "subfolder": "", "type": "output"}),
        "subfolder": "clipspace",
    }
    answer = house.upload("/upload/mask", {**fields, "type": "input"}, "mask.png", _png((0, 0, 0, 55)))
    assert answer.json == {"name": "mask.png", "subfolder": "clipspace", "type": "input"}
    with Image.open(tmp_path / "input" / "clipspace" / "mask.png") as found:
        assert found.getpixel((0, 0)) == (9, 8, 7, 55)
        assert found.info["prompt"] == "the graph"


def test_a_mask_of_a_picture_that_is_not_there_is_answered_and_not_kept(house: House, tmp_path: Path) -> None:
    reference = json.dumps({"filename": "nothing.png", "subfolder": "", "type": "output"})
    answer = house.upload("/upload/mask", {"original_ref": reference}, "mask.png", _png((0, 0, 0, 55)))
    assert (answer.status, answer.json["name"]) == (200, "mask.png")
    assert not (tmp_path / "input" / "mask.png").exists()


def test_the_example_pictures_are_input_files_too(house: House) -> None:
    names = house.site.folders.names("input")
    assert names
    for name in names:
        subfolder, _, filename = name.rpartition("/")
        answer = house.get(f"/view?filename={filename}&subfolder={subfolder}&type=input")
        assert (answer.status, answer.headers["content-type"]) == (200, "image/png"), name
