from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from ldm_nodes.training.plot import BINS, CURVE, HEIGHT, WIDTH, Curve, curves, draw_plot, save_plot


def test_many_points_become_few_bins_with_their_range() -> None:
    curve = Curve.of("loss", [(step, float(step % 10)) for step in range(1, 10 * BINS + 1)])
    assert len(curve.middle) == BINS
    assert curve.middle[0] == (10, 4.5)
    assert (curve.low[0], curve.high[0]) == (0, 9)


def test_only_losses_with_two_finite_values_are_drawn() -> None:
    series = {
        "loss": [(1, 1.0), (2, 0.5)],
        "once": [(1, 1.0)],
        "broken": [(1, float("nan")), (2, float("inf"))],
        "seconds": [(1, 1.0), (2, 1.0)],
    }
    assert [curve.name for curve in curves(series)] == ["loss"]


def height_of(column: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> float:
    """Return the mean row of the curve's colour in a column of pixels."""
    return float(np.flatnonzero((column == CURVE).all(-1)).mean())


def test_a_falling_loss_falls_on_the_picture() -> None:
    falling = [(step, 10.0 / step) for step in range(1, 200)]
    plot = draw_plot({"loss": falling, "flat": [(1, 2.0), (9, 2.0)]})
    assert plot.size == (WIDTH, 2 * HEIGHT)
    pixels = np.asarray(plot)
    left, right = (height_of(pixels[30:HEIGHT, x]) for x in (80, WIDTH - 30))
    assert left < right - 100


def test_an_empty_run_still_has_a_plot(tmp_path: Path) -> None:
    save_plot({}, tmp_path / "loss.png")
    with Image.open(tmp_path / "loss.png") as plot:
        assert plot.size == (WIDTH, HEIGHT)
