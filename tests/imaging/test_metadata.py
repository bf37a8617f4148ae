from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ldm_nodes.imaging import metadata
from ldm_nodes.imaging.errors import UnreadablePictureError

if TYPE_CHECKING:
    from pathlib import Path

GREY = Image.fromarray(np.full((4, 4, 3), 128, np.uint8))
PROMPT = {"1": {"class_type": "A", "inputs": {}}}
PROVENANCE = {"engine": "0.1.0"}


def test_levels() -> None:
    extra = {"workflow": {"nodes": [1]}}
    assert metadata.describe("none", PROMPT, extra, PROVENANCE) == {}
    assert list(metadata.describe("params", PROMPT, extra, PROVENANCE)) == ["prompt", "ldm_nodes"]
    assert list(metadata.describe("workflow", PROMPT, extra, PROVENANCE)) == ["prompt", "workflow", "ldm_nodes"]


@pytest.mark.parametrize("key", ["prompt", "prompt ", "ldm_nodes", " ldm_nodes"])
def test_a_client_cannot_replace_prompt_or_provenance(key: str) -> None:
    texts = metadata.describe("workflow", PROMPT, {key: "forged"}, PROVENANCE)
    assert {name: json.loads(text) for name, text in texts.items()} == {"prompt": PROMPT, "ldm_nodes": PROVENANCE}


@given(st.dictionaries(st.text(), st.text() | st.lists(st.integers()), max_size=8))
def test_any_key_a_client_sends_can_be_written(extra: dict[str, object]) -> None:
    texts = metadata.describe("workflow", PROMPT, extra)
    metadata.png_info(texts)
    metadata.exif(texts)
    assert all(0 < len(key) < 80 and key.isascii() and key.isprintable() for key in texts)


def test_keys_without_an_exif_tag_are_reported() -> None:
    texts = {"prompt": "{}"} | {f"key{n}": "{}" for n in range(7)}
    assert metadata.exif(texts)[1] == ["key5", "key6"]


def test_compressed_texts_are_read(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("prompt", json.dumps(PROMPT), zip=True)
    info.add_itxt("parameters", "füchse, steps: 20")
    GREY.save(tmp_path / "a.png", pnginfo=info)
    assert metadata.read(tmp_path / "a.png") == metadata.Embedded(
        prompt=PROMPT, other={"parameters": "füchse, steps: 20"}
    )


def test_a_picture_without_texts(tmp_path: Path) -> None:
    GREY.save(tmp_path / "a.jpg")
    assert metadata.read(tmp_path / "a.jpg") == metadata.Embedded()


def test_deeply_nested_json_stays_text(tmp_path: Path) -> None:
    info = PngInfo()
    info.add_text("workflow", "[" * 100_000)
    GREY.save(tmp_path / "a.png", pnginfo=info)
    assert metadata.read(tmp_path / "a.png").workflow == "[" * 100_000


def test_a_damaged_file_is_one_clear_sentence(tmp_path: Path) -> None:
    GREY.save(tmp_path / "a.png")
    (tmp_path / "a.png").write_bytes((tmp_path / "a.png").read_bytes()[:50])
    with pytest.raises(UnreadablePictureError, match=r"'a\.png' is damaged or cut off"):
        metadata.read(tmp_path / "a.png")
