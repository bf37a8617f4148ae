"""Packed layers compute what plain ones compute; torch's own layers are the reference."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from ldm_nodes.models import packing
from ldm_nodes.models.blocks import PointLinear
from ldm_nodes.models.packing import Packed, pack, unpack
from ldm_nodes.models.weights import size_in_bytes

HAS_ONEDNN: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
HAS_BF16 = HAS_ONEDNN and torch.ops.mkldnn._is_mkldnn_bf16_supported()
DTYPES = [
    pytest.param(
        torch.float32,
        marks=pytest.mark.skipif(not HAS_ONEDNN, reason="this torch has no oneDNN"),
    ),
    pytest.param(torch.bfloat16, marks=pytest.mark.skipif(not HAS_BF16, reason="no bfloat16 on this processor")),
]
TOLERANCE = {torch.float32: 1e-5, torch.bfloat16: 2e-2}


def frozen(*layers: nn.Module, dtype: torch.dtype = torch.float32) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(*layers).to(dtype).requires_grad_(False)


def pictures(dtype: torch.dtype, channels: int = 32, side: int = 9) -> Tensor:
    x = torch.randn(2, channels, side, side, generator=torch.Generator().manual_seed(1)).to(dtype)
    return x.contiguous(memory_format=torch.channels_last)


CONVOLUTIONS: dict[str, Callable[[], nn.Module]] = {
    "3x3": lambda: nn.Conv2d(32, 48, 3, padding=1),
    "strided": lambda: nn.Conv2d(32, 48, 3, stride=2, padding=1),
    "unpadded": lambda: nn.Conv2d(32, 48, 3, stride=2),
    "dilated": lambda: nn.Conv2d(32, 48, 3, padding=2, dilation=2),
    "grouped": lambda: nn.Conv2d(32, 48, 3, padding=1, groups=4),
    "without bias": lambda: nn.Conv2d(32, 48, 3, padding=1, bias=False),
    "1x1": lambda: nn.Conv2d(32, 48, 1),
    "1x1 strided": lambda: nn.Conv2d(32, 48, 1, stride=2),
    "few channels": lambda: nn.Conv2d(32, 3, 3, padding=1),
}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("make", CONVOLUTIONS.values(), ids=CONVOLUTIONS.keys())
def test_a_packed_convolution_computes_what_the_plain_one_does(
    make: Callable[[], nn.Module], dtype: torch.dtype
) -> None:
    module = frozen(make(), dtype=dtype)
    x = pictures(dtype)
    expected = module(x)
    pack(module)
    assert isinstance(module[0], Packed)
    torch.testing.assert_close(module(x), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    torch.testing.assert_close(module(x.contiguous()), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kind", [nn.Linear, PointLinear])
@pytest.mark.parametrize("rows", [1, 77, 300])
def test_a_packed_linear_layer_computes_what_the_plain_one_does(
    kind: type[nn.Linear], rows: int, bias: bool, dtype: torch.dtype
) -> None:
    module = frozen(kind(40, 24, bias=bias), dtype=dtype)
    x = torch.randn(2, rows, 40, generator=torch.Generator().manual_seed(1)).to(dtype)
    expected = module(x)
    pack(module)
    assert isinstance(module[0], Packed)
    torch.testing.assert_close(module(x), expected, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("dtype", DTYPES)
def test_unpacking_gives_the_same_layers_with_the_same_bits(dtype: torch.dtype) -> None:
    layers = [*(make() for make in CONVOLUTIONS.values()), nn.Linear(40, 24), PointLinear(40, 24)]
    module = frozen(*layers, dtype=dtype)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    pack(module)
    pack(module)
    unpack(module)
    after = module.state_dict()
    assert list(module) == layers
    assert after.keys() == before.keys()
    assert all(torch.equal(after[name], before[name]) for name in before)


def test_a_packed_module_saves_itself_as_a_plain_one_and_counts_as_large() -> None:
    module = frozen(nn.Conv2d(32, 48, 3), nn.Conv2d(48, 8, 1), PointLinear(40, 24))
    plain = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    size = size_in_bytes(module)
    pack(module)
    saved = module.state_dict()
    assert saved.keys() == plain.keys()
    assert all(torch.equal(saved[name], plain[name]) for name in plain)
    assert size_in_bytes(module) == size


def test_a_packed_module_follows_a_cast() -> None:
    module, reference = (frozen(nn.Conv2d(32, 48, 3, padding=1), nn.SiLU()) for _ in range(2))
    pack(module)
    module.to(torch.bfloat16).to(torch.float32)
    reference.to(torch.bfloat16).to(torch.float32)
    x = pictures(torch.float32)
    torch.testing.assert_close(module(x), reference(x), rtol=1e-5, atol=1e-5)


def test_gradients_pass_through_packed_layers() -> None:
    module, reference = (frozen(nn.Conv2d(32, 16, 3, padding=1), nn.Conv2d(16, 8, 1)) for _ in range(2))
    pack(module)
    one, other = (pictures(torch.float32).requires_grad_() for _ in range(2))
    module(one).square().sum().backward()
    reference(other).square().sum().backward()
    assert one.grad is not None
    torch.testing.assert_close(one.grad, other.grad)


def test_a_trainable_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="requires_grad_"):
        pack(nn.Sequential(nn.Linear(4, 4)))


def test_layers_that_cannot_be_packed_stay_as_they_are() -> None:
    class Special(nn.Linear):
        """Computes something else, perhaps."""

    kept = (
        nn.Conv2d(8, 8, 3, padding="same"),
        nn.Conv2d(8, 8, 3, padding=1, padding_mode="circular"),
        nn.Conv1d(8, 8, 1),
        nn.Conv3d(8, 8, 3),
        Special(8, 8),
        nn.Linear(8, 8, dtype=torch.float64),
        nn.Linear(8, 8, device="meta"),
    )
    module = nn.Sequential(*kept).requires_grad_(False)
    pack(module)
    assert tuple(module) == kept


def test_a_torch_without_the_operations_keeps_plain_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> Tensor:
        raise NotImplementedError

    monkeypatch.setattr(packing.PackedLinear, "_run", missing)
    packing.works.cache_clear()
    module = frozen(nn.Linear(8, 8), nn.Conv2d(8, 8, 3))
    pack(module)
    packing.works.cache_clear()
    assert [type(layer) for layer in module] == [nn.Linear, nn.Conv2d]


def test_asking_what_works_leaves_the_random_numbers_alone() -> None:
    packing.works.cache_clear()
    torch.manual_seed(3)
    pack(nn.Sequential(nn.Linear(8, 8, dtype=torch.bfloat16)).requires_grad_(False))
    drawn = torch.rand(1)
    torch.manual_seed(3)
    nn.Linear(8, 8, dtype=torch.bfloat16)
    assert torch.equal(drawn, torch.rand(1))


def test_a_convolution_follows_the_size_of_small_maps_and_keeps_its_weights() -> None:
    layer = nn.Conv2d(24, 40, 3, padding=1).requires_grad_(False)
    plain, weight = copy.deepcopy(layer), layer.weight.clone()
    net = nn.Sequential(layer)
    pack(net)
    for side in (4, 32, 2, 4, 8):
        x = torch.randn(2, 24, side, side).to(memory_format=torch.channels_last)
        torch.testing.assert_close(net(x), plain(x), rtol=1e-4, atol=1e-5)
    unpack(net)
    assert torch.equal(layer.weight, weight)
