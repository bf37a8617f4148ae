"""Enlargement with its convolution in one: held to the two in a row, in double precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from ldm_nodes.models import blocks, codec
from ldm_nodes.models.doubling import doubled

if TYPE_CHECKING:
    from torch import Tensor


def one_after_the_other(x: Tensor, conv: nn.Conv2d) -> Tensor:
    return F.conv2d(F.interpolate(x, scale_factor=2.0, mode="nearest"), conv.weight, conv.bias, padding=1)


@pytest.mark.parametrize("bias", [True, False])
def test_values_and_gradients_are_those_of_the_two_in_a_row(bias: bool) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(3, 5, 3, padding=1, bias=bias).double()
    x = torch.randn(2, 3, 4, 7, dtype=torch.float64, requires_grad=True)
    wanted = (x, *conv.parameters())
    got, expected = doubled(x, conv), one_after_the_other(x, conv)
    torch.testing.assert_close(got, expected)
    torch.testing.assert_close(
        torch.autograd.grad(got.sin().sum(), wanted), torch.autograd.grad(expected.sin().sum(), wanted)
    )


@pytest.mark.parametrize("layer", [blocks.Upsample(8, use_conv=True), codec.Upsample(8, with_conv=True)])
def test_both_networks_learn_as_they_run(layer: nn.Module) -> None:
    x = torch.randn(2, 8, 5, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = layer(x)
    learning = layer(x)
    assert "ConvolutionBackward" in type(learning.grad_fn).__name__
    assert learning.grad_fn.next_functions[0][0] is None  # no picture in between: the input is the layer's own
    torch.testing.assert_close(learning, expected, rtol=1e-5, atol=1e-6)


def test_an_odd_size_is_enlarged_to_what_is_asked_for() -> None:
    layer = blocks.Upsample(8, use_conv=True)
    assert layer(torch.ones(1, 8, 3, 3), (5, 6)).shape == (1, 8, 5, 6)
