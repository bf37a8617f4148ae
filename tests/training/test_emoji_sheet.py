"""The sheet of samples of the model in the box."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from ldm_nodes.training.recipes.emoji import BACKGROUNDS
from ldm_nodes.training.recipes.emoji_sheet import GAP, PROMPTS, SIDE, draw, main


def test_every_picture_stands_in_its_place() -> None:
    shades = torch.linspace(0, 1, len(PROMPTS))
    sheet = np.asarray(draw(shades[:, None, None, None].expand(-1, 64, 64, 3)))
    middles = [sheet[GAP + SIDE // 2, GAP + column * (SIDE + GAP) + SIDE // 2, 0] for column in range(8)]
    assert middles == (shades[:8] * 255).round().int().tolist()


def test_prompts_name_backgrounds_of_the_data() -> None:
    assert {color for _, color in PROMPTS} <= set(BACKGROUNDS)
    assert len(set(PROMPTS)) == len(PROMPTS)


def test_a_missing_checkpoint_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.safetensors"), str(tmp_path / "sheet.png")]) == 1
    assert "none.safetensors" in capsys.readouterr().err
    assert not [*tmp_path.iterdir()]
