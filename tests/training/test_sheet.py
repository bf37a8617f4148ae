from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ldm_nodes.training.sheet import GAP, HEAD, draw_sheet, save_sheet, to_picture


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
