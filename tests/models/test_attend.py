"""Attention against torch's own kernel in float64."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ldm_nodes.models import attend as module
from ldm_nodes.models.attend import attend
from ldm_nodes.models.packing import works

LARGE = {"square": (2, 3, 520, 520, 40), "wide": (1, 2, 4096, 77, 16), "long": (1, 1, 1030, 1100, 8)}
SMALL = {"square": (2, 3, 64, 64, 40), "one": (1, 1, 1, 1, 8)}


@pytest.fixture(params=[torch.float32, torch.bfloat16], ids=str)
def by_heads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> torch.dtype:
    """Take the way by heads, whoever made the processor."""
    if not works(request.param):
        pytest.skip("this processor cannot")
    monkeypatch.setattr(module, "_is_slow_in_torch", lambda _: True)
    dtype: torch.dtype = request.param
    return dtype


def tokens(batch: int, heads: int, positions: int, width: int, seed: int) -> Tensor:
    """Return heads as they come from a projection: views into (B, T, heads·width)."""
    flat = torch.randn(batch, positions, heads * width, generator=torch.Generator().manual_seed(seed))
    return flat.view(batch, positions, heads, width).transpose(1, 2)


def inputs(shape: tuple[int, int, int, int, int], dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    batch, heads, queries, keys, width = shape
    sizes = (queries, keys, keys)
    q, k, v = (tokens(batch, heads, size, width, seed).to(dtype) for seed, size in enumerate(sizes))
    return 3 * q, k, v


@pytest.mark.parametrize(
    "shape", [*LARGE.values(), *SMALL.values()], ids=[*LARGE, *(f"small {name}" for name in SMALL)]
)
def test_it_is_softmax_of_scores_times_values(shape: tuple[int, int, int, int, int], by_heads: torch.dtype) -> None:
    q, k, v = inputs(shape, by_heads)
    expected = F.scaled_dot_product_attention(q.double(), k.double(), v.double())
    got = attend(q, k, v)
    assert got.shape == q.shape
    assert got.dtype == by_heads
    tolerance = 1e-5 if by_heads == torch.float32 else 1e-2
    torch.testing.assert_close(got.double(), expected, rtol=tolerance, atol=tolerance)


def test_blocks_of_rows_do_not_show(by_heads: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    q, k, v = inputs((1, 2, 600, 600, 16), by_heads)
    whole = attend(q, k, v)
    monkeypatch.setattr(module, "BLOCK", 7 * 600)
    torch.testing.assert_close(attend(q, k, v), whole, rtol=1e-2, atol=1e-6)


@pytest.mark.usefixtures("by_heads")
def test_gradients_take_torchs_way() -> None:
    q, k, v = (x.requires_grad_() for x in inputs((1, 1, 520, 520, 8), torch.float32))
    ours = torch.autograd.grad(attend(q, k, v).square().sum(), (q, k, v))
    reference = torch.autograd.grad(F.scaled_dot_product_attention(q, k, v).square().sum(), (q, k, v))
    for one, other in zip(ours, reference, strict=True):
        torch.testing.assert_close(one, other)


def test_training_in_bfloat16_attends_in_float32() -> None:
    q, k, v = (x.requires_grad_() for x in inputs((2, 2, 9, 5, 8), torch.bfloat16))
    with torch.autocast("cpu", torch.bfloat16):
        ours = attend(q, k, v)
    exact = F.scaled_dot_product_attention(q.float(), k.float(), v.float())
    assert torch.equal(ours, exact.bfloat16())
    gradients = torch.autograd.grad(ours.float().square().sum(), (q, k, v))
    assert all(gradient.dtype == torch.bfloat16 and gradient.any() for gradient in gradients)


@pytest.mark.usefixtures("by_heads")
def test_other_devices_take_torchs_way() -> None:
    assert attend(*(x.to("meta") for x in inputs((1, 1, 520, 520, 8), torch.float32))).shape == (1, 1, 520, 8)
