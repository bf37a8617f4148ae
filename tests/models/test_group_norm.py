"""Group normalisation over rows of channels, held to torch's own in double precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
import torch.nn.functional as F

from ldm_nodes.models import group_norm
from ldm_nodes.models.blocks import GroupNorm
from ldm_nodes.models.group_norm import prefers_rows

if TYPE_CHECKING:
    from torch import Tensor


def picture(channels: int, dtype: torch.dtype = torch.float32) -> Tensor:
    x = torch.randn(2, channels, 5, 7, generator=torch.Generator().manual_seed(channels)) * 2 + 3
    return x.to(dtype, memory_format=torch.channels_last)


def layer(channels: int) -> GroupNorm:
    made = GroupNorm(channels)
    generator = torch.Generator().manual_seed(1)
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, generator=generator)
    return made


@pytest.mark.parametrize("block", [1, group_norm.BLOCK])
@pytest.mark.parametrize("channels", [32, 96, 128])
def test_values_and_gradients_are_those_of_the_definition(
    channels: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_norm, "BLOCK", block)  # 1: every picture by itself
    x, norm = picture(channels).requires_grad_(), layer(channels)
    assert prefers_rows(x, norm.weight)
    out = norm(x)
    out.sin().sum().backward()
    exact = [tensor.detach().double().requires_grad_() for tensor in (x, norm.weight, norm.bias)]
    expected = F.group_norm(exact[0].contiguous(), 32, exact[1], exact[2], norm.eps)
    expected.sin().sum().backward()  # type: ignore[no-untyped-call]
    torch.testing.assert_close(out.double(), expected, rtol=1e-5, atol=1e-5)
    for tensor, reference in zip((x, norm.weight, norm.bias), exact, strict=True):
        assert tensor.grad is not None
        assert reference.grad is not None
        torch.testing.assert_close(tensor.grad.double(), reference.grad, rtol=1e-4, atol=1e-4)


def test_bfloat16_keeps_float32_statistics() -> None:
    x, norm = picture(96, torch.bfloat16), layer(96)
    out = group_norm.group_norm(x, 32, norm.weight, norm.bias, norm.eps)
    expected = F.group_norm(x.double().contiguous(), 32, norm.weight.double(), norm.bias.double(), norm.eps)
    assert out.dtype == torch.bfloat16
    torch.testing.assert_close(out.double(), expected, rtol=2**-8, atol=1e-2)


def test_silu_behind_it_is_computed_again_for_the_gradients() -> None:
    x, norm = picture(96).requires_grad_(), layer(96)
    parameters = (x, norm.weight, norm.bias)
    got = torch.autograd.grad(norm.silu(x).sin().sum(), parameters)
    exact = [tensor.detach().double().requires_grad_() for tensor in parameters]
    expected = F.silu(F.group_norm(exact[0].contiguous(), 32, exact[1], exact[2], norm.eps))
    torch.testing.assert_close(norm.silu(x).double(), expected, rtol=1e-5, atol=1e-5)
    for one, other in zip(got, torch.autograd.grad(expected.sin().sum(), exact), strict=True):
        torch.testing.assert_close(one.double(), other, rtol=1e-4, atol=1e-4)


def test_the_result_may_be_changed_in_place() -> None:
    x, norm = picture(32).requires_grad_(), layer(32)
    out = norm(x)
    assert out.is_contiguous(memory_format=torch.channels_last)
    (gradient,) = torch.autograd.grad(F.silu(out, inplace=True).sum(), x)
    assert gradient.isfinite().all()


def test_inference_and_other_layouts_keep_the_kernels_of_torch() -> None:
    x, trained = picture(32), torch.ones(32, requires_grad=True)
    assert prefers_rows(x, trained)
    assert not prefers_rows(x.contiguous(), trained)
    assert not prefers_rows(x.double(), trained)
    with torch.no_grad():
        assert not prefers_rows(x, trained)


def test_a_frozen_layer_gives_one_result_whether_or_not_gradients_are_switched_on() -> None:
    x, norm = picture(96), layer(96).requires_grad_(False)
    with torch.no_grad():
        expected = norm(x)
    assert torch.equal(norm(x), expected)
