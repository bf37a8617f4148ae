"""Draws the samples that README and model card show: fixed prompts, seed 0, the protocol of `evaluate_emoji.py`.

python -m ldm_nodes.training.recipes.emoji_sheet CHECKPOINT SHEET.png
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from ...models.errors import ModelError
from ..atomic import write_file
from ..sheet import clipped, to_picture
from .emoji import CAPTION
from .evaluate_emoji import Model, Protocol

PROMPTS = (
    ("red apple", "white"), ("tiger face", "blue"), ("strawberry", "yellow"), ("snowman", "red"),
    ("red heart", "pink"), ("sunflower", "black"), ("rocket", "gray"), ("octopus", "green"),
    ("hamburger", "blue"), ("penguin", "white"), ("sun with face", "gray"), ("green apple", "black"),
    ("fox face", "green"), ("banana", "pink"), ("fire engine", "yellow"), ("cloud", "red"),
    ("frog face", "white"), ("purple heart", "yellow"), ("ghost", "black"), ("doughnut", "blue"),
    ("watermelon", "gray"), ("panda face", "red"), ("cactus", "pink"), ("soccer ball", "green"),
)  # fmt: skip
"""Subjects and backgrounds."""

COLUMNS, SIDE, GAP, LINE = 8, 128, 8, 13
PAPER, INK, GREY = (250, 250, 250), (20, 20, 20), (110, 110, 110)


def draw(pictures: Tensor) -> Image.Image:
    """Return the sheet of one picture (N, 64, 64, 3), 0 to 1, for each prompt, enlarged twice without smoothing."""
    rows = -(-len(PROMPTS) // COLUMNS)
    step = SIDE + 2 * LINE + GAP
    sheet = Image.new("RGB", (COLUMNS * (SIDE + GAP) + GAP, rows * step + GAP), PAPER)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default()
    for place, ((subject, color), picture) in enumerate(zip(PROMPTS, pictures, strict=True)):
        left, top = GAP + place % COLUMNS * (SIDE + GAP), GAP + place // COLUMNS * step
        large = to_picture(picture.movedim(-1, 0) * 2 - 1).resize((SIDE, SIDE), Image.Resampling.NEAREST)
        sheet.paste(large, (left, top))
        pen.text((left, top + SIDE), clipped(subject, font, SIDE), INK, font)
        pen.text((left, top + SIDE + LINE), f"on {color}", GREY, font)
    return sheet


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw the sheet and return 0, or 1 after saying what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m ldm_nodes.training.recipes.emoji_sheet", description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("sheet", type=Path, help="the PNG to write")
    options = parser.parse_args(arguments)
    protocol = Protocol()
    try:
        prompts = [CAPTION.format(subject=subject, color=color) for subject, color in PROMPTS]
        sheet = draw(Model.load(options.checkpoint).draw(prompts, protocol.seed, protocol))
        write_file(options.sheet, lambda partial: sheet.save(partial, format="PNG", optimize=True))
    except (ModelError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
