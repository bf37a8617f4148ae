"""A picture of the losses, drawn with Pillow: smoothed curves over a faint band, logarithmic where numbers allow."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .atomic import write_file

Point = tuple[float, float]
Series = Mapping[str, Sequence[Point]]
"""Pairs of step and value by name."""

WIDTH, HEIGHT = 900, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 26, 30
BINS = 400
INK, FAINT, CURVE, BAND, PAPER = (40, 40, 40), (225, 225, 225), (31, 95, 160), (200, 218, 236), (255, 255, 255)
LEFT_OUT = frozenset({"samples", "images_per_second", "seconds", "learning_rate"})


@dataclass(frozen=True)
class Curve:
    """One quantity over steps, gathered into a few hundred bins.

    Attributes:
        name: what it is.
        middle: (step, mean) of each bin.
        low: the least of each bin.
        high: the greatest of each bin.
    """

    name: str
    middle: tuple[Point, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @classmethod
    def of(cls, name: str, points: Sequence[Point]) -> Curve:
        """Gather points in their order."""
        size = max(1, math.ceil(len(points) / BINS))
        bins = [points[first : first + size] for first in range(0, len(points), size)]
        middle = tuple((part[-1][0], sum(y for _, y in part) / len(part)) for part in bins)
        return cls(name, middle, *(tuple(pick(y for _, y in part) for part in bins) for pick in (min, max)))


def curves(series: Series) -> list[Curve]:
    """Return a curve for every loss that has two finite values or more."""
    finite = {name: [point for point in points if math.isfinite(point[1])] for name, points in series.items()}
    return [Curve.of(name, points) for name, points in finite.items() if name not in LEFT_OUT and len(points) > 1]


def draw_plot(series: Series) -> Image.Image:
    """Return one panel for each loss, below each other."""
    drawn = curves(series)
    plot = Image.new("RGB", (WIDTH, HEIGHT * max(1, len(drawn))), PAPER)
    pen, font = ImageDraw.Draw(plot), ImageFont.load_default()
    if not drawn:
        pen.text((LEFT, TOP), "No losses yet.", INK, font)
    for place, curve in enumerate(drawn):
        _panel(pen, font, curve, place * HEIGHT)
    return plot


def save_plot(series: Series, path: Path) -> None:
    """Write the plot as PNG."""
    plot = draw_plot(series)
    write_file(path, lambda partial: plot.save(partial, format="PNG"))


def _panel(pen: ImageDraw.ImageDraw, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, c: Curve, top: int) -> None:
    logarithmic = min(c.low) > 0 and max(c.high) > 4 * min(c.low)
    scale = math.log10 if logarithmic else float
    low, high = scale(min(c.low)), scale(max(c.high))
    first, last = c.middle[0][0], c.middle[-1][0]

    def place(x: float, y: float) -> Point:
        across = (x - first) / ((last - first) or 1)
        up = (scale(y) - low) / ((high - low) or 1)
        return LEFT + across * (WIDTH - LEFT - RIGHT), top + HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    for i in range(5):
        level = low + (high - low) * i / 4
        value = 10**level if logarithmic else level
        _, y = place(first, value)
        pen.line([(LEFT, y), (WIDTH - RIGHT, y)], FAINT)
        pen.text((4, y - 6), f"{value:.4g}", INK, font)
    for x in (first, last):
        pen.text(
            (place(x, c.middle[0][1])[0] - (30 if x == last else 0), top + HEIGHT - BOTTOM + 6), f"{x:g}", INK, font
        )
    for (x, _), least, greatest in zip(c.middle, c.low, c.high, strict=True):
        pen.line([place(x, least), place(x, greatest)], BAND)
    pen.line([place(*point) for point in c.middle], CURVE, 2)
    pen.text((LEFT, top + 8), f"{c.name}: {c.middle[-1][1]:.5g}{' (logarithmic)' if logarithmic else ''}", INK, font)
