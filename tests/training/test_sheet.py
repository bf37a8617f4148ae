from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFont

from ldm_nodes.training.sheet import GAP, HEAD, LINE, READABLE, clipped, draw_sheet, read_sheet, save_sheet, to_picture


def test_values_become_levels() -> None:
    picture = to_picture(torch.tensor([-2.0, -1.0, 0.0, 1.0, 3.0]).expand(3, 1, 5))
    assert np.asarray(picture)[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_rows_lie_below_each_other() -> None:
    black, white = torch.full((2, 3, 8, 8), -1.0), torch.full((3, 3, 8, 8), 1.0)
    sheet = draw_sheet([("pictures", black), ("samples", white)])
    assert sheet.size == (3 * (8 + GAP) + GAP, 2 * (8 + HEAD + GAP))
    assert sheet.getpixel((GAP + 8 + GAP + 1, HEAD + 1)) == (0, 0, 0)
    assert sheet.getpixel((GAP + 1, HEAD + 8 + GAP + HEAD + 1)) == (255, 255, 255)


def test_sheets_are_written_into_new_folders(tmp_path: Path) -> None:
    save_sheet([("samples", torch.zeros(1, 3, 4, 4))], tmp_path / "samples" / "step-1.png")
    with Image.open(tmp_path / "samples" / "step-1.png") as opened:
        opened.verify()


def test_captions_stand_under_their_pictures() -> None:
    black = torch.full((2, 3, 8, 8), -1.0)
    bare = np.asarray(draw_sheet([("samples", black)], ["", ""]))
    sheet = np.asarray(draw_sheet([("samples", black)], ["", "a red fox"]))
    column = GAP + READABLE
    assert bare.shape[:2] == (HEAD + 8 + GAP, 2 * (8 + GAP) + GAP)
    assert sheet.shape[:2] == (HEAD + 8 + LINE + GAP, 2 * column + GAP)
    foot = sheet[HEAD + 8 :]
    assert (foot[:, :column] == 255).all(), "the first picture has no caption"
    assert (foot[:, column + GAP :] < 200).any()


def test_a_caption_is_cut_at_the_width_of_its_picture() -> None:
    font = ImageFont.load_default()
    long = clipped("a very long caption that goes on and on", font, 72)
    assert long.startswith("a very")
    assert long.endswith("...")
    assert font.getlength(long) <= 72
    assert clipped("short", font, 72) == "short"
    assert clipped("two\nlines \N{DOG FACE}", font, 500) == "two lines ?"


def test_a_sheet_that_was_written_is_read(tmp_path: Path) -> None:
    rows = [("samples", torch.zeros(1, 3, 4, 4))]
    save_sheet(rows, tmp_path / "sheet.png", ["grey"])
    assert np.array_equal(read_sheet(tmp_path / "sheet.png"), np.asarray(draw_sheet(rows, ["grey"])))
