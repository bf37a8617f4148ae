"""Quick linear layers against the plain ones that they replace."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor, nn

from ldm_nodes.models import quick_linear
from ldm_nodes.models.blocks import PointLinear
from ldm_nodes.models.packing import works
from ldm_nodes.models.quick_linear import QuickLinear, quicken

if TYPE_CHECKING:
    from torch.fx import GraphModule

needs_onednn = pytest.mark.skipif(not works(torch.float32), reason="this torch has no oneDNN")


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(sum(shape)))


@needs_onednn
@pytest.mark.parametrize("widths", [(24, 40), (40, 24), (1, 3)])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", [nn.Linear, PointLinear])
def test_values_and_gradients_are_those_of_the_plain_layer(
    kind: type[nn.Linear], widths: tuple[int, int], bias: bool
) -> None:
    plain = kind(*widths, bias=bias)
    quick, x = QuickLinear(plain), noise(3, 5, widths[0])
    results = []
    for layer in (plain, quick):
        given = x.clone().requires_grad_()
        out = layer(given)
        parameters = [*layer.parameters()]
        results.append((out, *torch.autograd.grad(out.sin().sum(), [given, *parameters])))
    for expected, got in zip(*results, strict=True):
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)


@needs_onednn
def test_tokens_may_be_a_view_of_a_picture() -> None:
    plain, picture = nn.Linear(8, 6), noise(2, 8, 3, 3)
    for x in (picture.flatten(2).transpose(1, 2), picture.permute(0, 2, 3, 1)):
        torch.testing.assert_close(QuickLinear(plain)(x), plain(x), rtol=1e-5, atol=1e-5)


@needs_onednn
def test_a_frozen_layer_passes_gradients_on() -> None:
    plain = nn.Linear(4, 6).requires_grad_(False)
    x = noise(5, 4).requires_grad_()
    (gradient,) = torch.autograd.grad(QuickLinear(plain)(x).sum(), x)
    torch.testing.assert_close(gradient, plain.weight.sum(0).expand(5, 4))


def test_autocast_decides_the_numbers() -> None:
    plain = nn.Linear(4, 6)
    with torch.autocast("cpu", torch.bfloat16):
        out = QuickLinear(plain)(noise(5, 4))
    assert out.dtype == torch.bfloat16


@needs_onednn
def test_a_network_keeps_its_parameters_and_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_linear, "has_foreign_mkl", lambda: True)
    network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Sequential(PointLinear(4, 2)))
    before = dict(network.named_parameters())
    quicken(network)
    after = dict(network.named_parameters())
    assert isinstance(network[0], QuickLinear)
    assert before.keys() == after.keys()
    assert all(after[name] is parameter for name, parameter in before.items())


def test_processors_with_a_fast_mkl_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_linear, "has_foreign_mkl", lambda: False)
    network = nn.Sequential(nn.Linear(4, 4))
    quicken(network)
    assert type(network[0]) is nn.Linear


@pytest.mark.slow
def test_a_compiler_sees_a_plain_linear_layer() -> None:
    seen: list[str] = []

    def compiled(graph: GraphModule, inputs: list[Tensor]) -> Callable[..., Any]:
        seen.extend(str(node.target) for node in graph.graph.nodes if node.op == "call_function")
        return graph.forward

    torch.compile(QuickLinear(nn.Linear(4, 6)), backend=compiled)(noise(5, 4))
    assert any("linear" in name for name in seen)
    assert not any("mkldnn" in name or "autograd" in name for name in seen)
