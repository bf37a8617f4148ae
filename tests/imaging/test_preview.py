from __future__ import annotations

import numpy as np
import pytest
import torch

from ldm_nodes.imaging.preview import FAMILIES, latent_to_rgb


@pytest.mark.parametrize("family", ["sd1", "sdxl"])
def test_colours_are_linear_in_the_scaled_latent(family: str) -> None:
    latent = torch.zeros(1, 4, 2, 3)
    latent[0, 2, 1, 2] = 1 / FAMILIES[family].scale
    got = latent_to_rgb(latent, family)
    expected = (np.array(FAMILIES[family].rows[2]) + 1) * 127.5
    np.testing.assert_allclose(got[1, 2], expected, atol=1)
    assert np.unique(got[0]).tolist() == [127]


@pytest.mark.parametrize("channels", [1, 2, 3, 8, 16])
def test_other_channel_numbers_use_the_whole_range(channels: int) -> None:
    got = latent_to_rgb(torch.linspace(-3, 5, channels * 20).reshape(1, channels, 4, 5))
    assert got.shape == (4, 5, 3)
    assert (got.min(), got.max()) == (0, 255)


def test_values_that_are_no_numbers_are_grey() -> None:
    assert latent_to_rgb(torch.full((1, 4, 2, 2), torch.nan)).tolist() == [[[127] * 3] * 2] * 2


def test_the_first_of_a_batch_is_shown_at_most_512_wide() -> None:
    got = latent_to_rgb(torch.zeros(3, 4, 4, 1100, dtype=torch.bfloat16))
    assert got.shape == (2, 367, 3)
    assert got.dtype == np.uint8
