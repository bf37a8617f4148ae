"""Blending and Porter-Duff compositing: single pixels by hand, and laws that hold for all."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from ldm_nodes.imaging.blend import MODES, blend
from ldm_nodes.imaging.errors import ImagingError
from ldm_nodes.imaging.porter_duff import MODES as RULES
from ldm_nodes.imaging.porter_duff import composite
from tests.golden import as_numpy

RANDOM = torch.rand(6, 1, 8, 9, 3, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(
    ("mode", "below", "above", "expected"),
    [
        ("normal", 0.2, 0.7, 0.7),
        ("multiply", 0.2, 0.7, 0.14),
        ("screen", 0.2, 0.7, 0.76),
        ("overlay", 0.2, 0.7, 0.28),
        ("overlay", 0.8, 0.7, 0.88),
        ("soft_light", 0.36, 0.75, 0.48),  # 0.36 + 0.5 * (0.6 - 0.36)
        ("soft_light", 0.1, 0.75, 0.198),  # 0.1 + 0.5 * (0.296 - 0.1)
        ("soft_light", 0.5, 0.25, 0.375),  # 0.5 - 0.5 * 0.25
        ("difference", 0.7, 0.2, 0.5),
        ("difference", 0.2, 0.7, 0.0),
    ],
)
def test_a_pixel(mode: str, below: float, above: float, expected: float) -> None:
    got = blend(torch.tensor(below), torch.tensor(above), 1.0, mode)
    assert got.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_the_factor_leads_from_one_to_the_other(mode: str) -> None:
    below, above = RANDOM[0], RANDOM[1]
    assert torch.equal(blend(below, above, 0.0, mode), below)
    whole = blend(below, above, 1.0, mode)
    if mode != "difference":  # its negative values are cut off after the mixing
        torch.testing.assert_close(blend(below, above, 0.5, mode), (below + whole) / 2)
    assert blend(torch.zeros(1), torch.ones(1), 1.0, mode).item() in (0.0, 1.0)


def test_an_unknown_mode_is_told() -> None:
    with pytest.raises(ImagingError, match=r"blended by one of normal.*got 'burn'"):
        blend(RANDOM[0], RANDOM[1], 1.0, "burn")
    with pytest.raises(ImagingError, match="Porter-Duff modes are ADD"):
        composite(RANDOM[0], RANDOM[1][..., :1], RANDOM[2], RANDOM[3][..., :1], "BURN")


def test_over_is_what_pillow_composites() -> None:
    levels = (RANDOM[:2, 0] * 255).to(torch.uint8)
    alphas = (RANDOM[2:4, 0, ..., :1] * 255).to(torch.uint8)
    over, under = (Image.fromarray(as_numpy(torch.cat(pair, -1))) for pair in zip(levels, alphas, strict=True))
    expected = np.asarray(Image.alpha_composite(under, over), np.float32) / 255
    s, d = levels.float() / 255
    sa, da = alphas.float() / 255
    colour, alpha = composite(s, sa, d, da, "SRC_OVER")
    np.testing.assert_allclose(as_numpy(torch.cat((colour, alpha), -1)), expected, atol=1.01 / 255)


@pytest.mark.parametrize("mode", RULES)
def test_the_rules_follow_from_which_pixels_are_there(mode: str) -> None:
    """Nowhere, source only, destination only and both: with alpha 0 or 1 a rule is a table of four."""
    s, d = torch.tensor([0.3, 0.6, 0.9]), torch.tensor([0.5, 0.2, 0.4])
    both = {
        "ADD": (s + d).clamp(max=1), "CLEAR": None, "DARKEN": torch.minimum(s, d), "LIGHTEN": torch.maximum(s, d),
        "MULTIPLY": s * d, "SCREEN": 1 - (1 - s) * (1 - d), "XOR": None, "SRC_OUT": None, "DST_OUT": None,
        "OVERLAY": torch.where(d < 0.5, 2 * s * d, 1 - 2 * (1 - s) * (1 - d)),
        "DST": d, "DST_ATOP": d, "DST_IN": d, "DST_OVER": d, "SRC": s, "SRC_ATOP": s, "SRC_IN": s, "SRC_OVER": s,
    }[mode]  # fmt: skip
    keeps_source = mode not in ("CLEAR", "DST", "DST_IN", "DST_OUT", "SRC_ATOP", "SRC_IN", "MULTIPLY")
    keeps_destination = mode not in ("CLEAR", "SRC", "SRC_IN", "SRC_OUT", "DST_ATOP", "DST_IN", "MULTIPLY")
    # Where only one of the two is, Android's formulas double it (LIGHTEN) or leave black (OVERLAY).
    alone = {"LIGHTEN": 2.0, "OVERLAY": 0.0}.get(mode, 1.0)
    for sa, da, expected in (
        (0.0, 0.0, None),
        (1.0, 0.0, (alone * s).clamp(max=1) if keeps_source else None),
        (0.0, 1.0, (alone * d).clamp(max=1) if keeps_destination else None),
        (1.0, 1.0, both),
    ):
        colour, alpha = composite(s, torch.tensor([sa]), d, torch.tensor([da]), mode)
        assert alpha.item() == (expected is not None)
        torch.testing.assert_close(colour, torch.zeros(3) if expected is None else expected)
