"""Saved files against what ComfyUI's SaveImage wrote: names, counters, text chunks and levels."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from ldm_nodes.imaging import metadata, saving
from ldm_nodes.imaging.errors import NameRefusedError
from ldm_nodes.imaging.naming import start_series
from tests import golden

if TYPE_CHECKING:
    from pathlib import Path

CASE = golden.load("13_comfyui", "metadata")
RUNS: list[dict[str, Any]] = CASE.manifest["runs"]
GOLDEN_TIME = datetime(2024, 3, 7, 5, 6, 9)  # noqa: DTZ001 - the local time that the golden run was given
BATCH = np.zeros((2, 8, 16, 3), np.float32)


def files_below(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def prepare(folder: Path, names: list[str]) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


@pytest.mark.parametrize("run", [run for run in RUNS if "saved" in run], ids=lambda run: run["filename_prefix"])
def test_names_and_counters(run: dict[str, Any], tmp_path: Path) -> None:
    prepare(tmp_path, run["existing"])
    series = start_series(tmp_path, run["filename_prefix"], width=run["width"], height=run["height"], now=GOLDEN_TIME)
    saved = saving.save_pictures(BATCH, series, {})
    expected = [(file["filename"], file["subfolder"]) for file in run["saved"]]
    assert [(file.path.name, file.subfolder) for file in saved] == expected
    assert files_below(tmp_path) == run["files_after"]


@pytest.mark.parametrize("run", [run for run in RUNS if "raises" in run], ids=lambda run: run["filename_prefix"])
def test_refused_prefixes(run: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(NameRefusedError, match="outside the output folder"):
        start_series(tmp_path / "output", run["filename_prefix"])
    assert files_below(tmp_path) == []


def test_png_has_the_same_texts_and_levels(tmp_path: Path) -> None:
    png = CASE.manifest["png"]
    texts = metadata.describe("workflow", png["prompt"], png["extra_pnginfo"])
    saved = saving.save_pictures(
        golden.as_numpy(CASE.tensors["saved_images"]), start_series(tmp_path, "golden/img"), texts
    )
    with Image.open(saved[0].path) as got, Image.open(CASE.folder / "saved_0.png") as expected:
        assert isinstance(got, PngImageFile)
        assert [*got.text.items()] == [(chunk["keyword"], chunk["text"]) for chunk in png["text_chunks"]]
        assert got.mode == expected.mode
        levels = CASE.manifest["tensors"]["saved_pixels"]["tolerance"]["max_level_difference"]
        np.testing.assert_allclose(np.asarray(got, int), np.asarray(expected, int), rtol=0, atol=levels)
    assert chunk_kinds(saved[0].path) == png["chunk_types_in_order"]


def test_batch_levels(tmp_path: Path) -> None:
    for picture, expected in zip(CASE.tensors["saved_images"], CASE.tensors["saved_pixels"], strict=True):
        assert torch.equal(torch.from_numpy(saving.to_uint8(golden.as_numpy(picture))), expected)


def test_levels_are_truncated() -> None:
    got = saving.to_uint8(golden.as_numpy(CASE.tensors["rounding.in"][0]))
    CASE.assert_close("rounding.out", torch.from_numpy(got)[None])


def test_reading_the_file_that_comfyui_wrote() -> None:
    found = metadata.read(CASE.folder / "saved_0.png")
    assert found.prompt == CASE.manifest["png"]["prompt"]
    assert found.workflow == CASE.manifest["png"]["extra_pnginfo"]["workflow"]
    assert (found.provenance, found.other) == (None, {})


def chunk_kinds(path: Path) -> list[str]:
    """List the kinds of PNG chunks in the order in which they first appear."""
    data, at, kinds = path.read_bytes(), 8, dict[str, None]()
    while at < len(data):
        kinds[data[at + 4 : at + 8].decode()] = None
        at += 12 + int.from_bytes(data[at : at + 4], "big")
    return list(kinds)
