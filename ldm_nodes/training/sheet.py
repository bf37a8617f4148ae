"""Sample sheets: rows of pictures with a word above each row, and captions below the pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from .atomic import write_file
from .pictures import Levels

GAP, HEAD, LINE = 2, 14, 12
READABLE = 72
"""Width of a column, at least, where there are captions."""

PAPER, INK = (255, 255, 255), (40, 40, 40)

Font = ImageFont.ImageFont | ImageFont.FreeTypeFont


def draw_sheet(rows: Sequence[tuple[str, Tensor]], captions: Sequence[str] = ()) -> Image.Image:
    """Return a sheet of rows of pictures (B, 3, H, W), about [-1, 1], each under its name.

    Args:
        rows: names and pictures.
        captions: what to write under each picture, the same in all rows; what does not fit is cut off.
    """
    captions = captions if any(captions) else ()
    column = GAP + max(READABLE if captions else 0, *(x.shape[-1] for _, x in rows))
    foot = LINE if captions else 0
    height = sum(HEAD + x.shape[-2] + foot + GAP for _, x in rows)
    sheet = Image.new("RGB", (max(len(x) for _, x in rows) * column + GAP, height), PAPER)
    pen, font, top = ImageDraw.Draw(sheet), ImageFont.load_default(), 0
    for name, pictures in rows:
        pen.text((GAP, top), name, INK, font)
        below = top + HEAD + pictures.shape[-2]
        for place, picture in enumerate(pictures):
            sheet.paste(to_picture(picture), (GAP + place * column, top + HEAD))
        for place, caption in enumerate(captions[: len(pictures)]):
            pen.text((GAP + place * column, below), clipped(caption, font, column - GAP), INK, font)
        top = below + foot + GAP
    return sheet


def clipped(text: str, font: Font, width: float) -> str:
    """Return as much of a text, on one line, as is at most `width` pixels wide; letters that cannot be drawn as `?`."""
    text = " ".join(text.split()).encode("latin-1", "replace").decode("latin-1")
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "...") > width:
        text = text[:-1]
    return text.rstrip() + "..."


def to_picture(x: Tensor) -> Image.Image:
    """Return a picture (3, H, W), about [-1, 1], as 8 bits; numbers beyond are cut off."""
    levels = ((x.detach().float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu()
    return Image.fromarray(levels.movedim(0, -1).contiguous().numpy())


def save_sheet(rows: Sequence[tuple[str, Tensor]], path: Path, captions: Sequence[str] = ()) -> None:
    """Write a sheet as PNG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet = draw_sheet(rows, captions)
    write_file(path, lambda partial: sheet.save(partial, format="PNG"))


def read_sheet(path: Path) -> Levels:
    """Return a sheet that was written, (H, W, 3), 8 bits."""
    with Image.open(path) as sheet:
        return np.asarray(sheet.convert("RGB"))
