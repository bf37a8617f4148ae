"""Sample sheets: rows of pictures with a word beside each row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from .atomic import write_file

GAP, HEAD = 2, 14
PAPER, INK = (255, 255, 255), (40, 40, 40)


def draw_sheet(rows: Sequence[tuple[str, Tensor]]) -> Image.Image:
    """Return a sheet of rows of pictures (B, 3, H, W), about [-1, 1], each under its name."""
    width = max(count * (side + GAP) for count, side in ((len(x), x.shape[-1]) for _, x in rows)) + GAP
    height = sum(HEAD + x.shape[-2] + GAP for _, x in rows)
    sheet = Image.new("RGB", (width, height), PAPER)
    pen, font, top = ImageDraw.Draw(sheet), ImageFont.load_default(), 0
    for name, pictures in rows:
        pen.text((GAP, top), name, INK, font)
        for place, picture in enumerate(pictures):
            sheet.paste(to_picture(picture), (GAP + place * (picture.shape[-1] + GAP), top + HEAD))
        top += HEAD + pictures.shape[-2] + GAP
    return sheet


def to_picture(x: Tensor) -> Image.Image:
    """Return a picture (3, H, W), about [-1, 1], as 8 bits; numbers beyond are cut off."""
    levels = ((x.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu()
    return Image.fromarray(levels.movedim(0, -1).contiguous().numpy())


def save_sheet(rows: Sequence[tuple[str, Tensor]], path: Path) -> None:
    """Write a sheet as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = draw_sheet(rows)
    write_file(path, lambda partial: sheet.save(partial, format="PNG"))
