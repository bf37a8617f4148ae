"""What goes to the disk comes back equal in every bit; weights and objects do not go there."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ldm_nodes.nodes.codecs import TensorCodec

CODEC = TensorCodec()
LATENT = {"samples": torch.randn(2, 4, 8, 8), "batch_index": [0, 1]}
CONDITIONING = [[torch.randn(1, 77, 16), {"pooled_output": torch.randn(1, 16), "area": (8, 8, 0, 0), "strength": 0.5}]]


def _back(value: Any) -> Any:
    data = CODEC.encode(value)
    assert data is not None
    return CODEC.decode(data)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor):
        return one.dtype == other.dtype and one.stride() == other.stride() and torch.equal(one, other)
    if isinstance(one, dict):
        return list(one) == list(other) and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and bool(one == other)


@pytest.mark.parametrize(
    "value",
    [
        (LATENT,),
        (CONDITIONING, None, "text", 2**70, True),
        (torch.rand(1, 3, 8, 8).permute(0, 2, 3, 1),),
        (torch.rand(1, 4, 6, 6).to(memory_format=torch.channels_last),),
        (torch.tensor(1.5), torch.zeros(0, 3), torch.arange(3)),
        (torch.randn(3).bfloat16(), torch.randn(3).half(), torch.tensor([True, False])),
    ],
)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    assert _same(value, _back(value))


def test_a_part_of_a_larger_tensor_takes_no_more_than_its_own() -> None:
    whole = torch.randn(100, 100)
    data = CODEC.encode((whole[:2],))
    assert data is not None
    assert len(data) < 2000
    assert torch.equal(CODEC.decode(data)[0], whole[:2])


def test_a_tensor_that_stands_twice_is_stored_once() -> None:
    tensor = torch.randn(1000)
    one, two = CODEC.encode((tensor,)), CODEC.encode((tensor, [tensor]))
    assert one is not None
    assert two is not None
    assert len(two) < len(one) + 200


@pytest.mark.parametrize(
    "value",
    [
        (nn.Linear(2, 2),),
        (nn.Parameter(torch.zeros(2)),),
        (object(), torch.zeros(2)),
        (torch.zeros(2), {1: 2}),
        (torch.zeros(2, device="meta"),),
        (torch.zeros(2).to_sparse(),),
        ("only text", 1),
        ([[[[[[[[[[[[[[[[[torch.zeros(1)]]]]]]]]]]]]]]]]],),
    ],
)
def test_weights_objects_and_what_has_no_tensor_are_not_stored(value: Any) -> None:
    assert CODEC.encode(value) is None


@pytest.mark.parametrize("data", [b"", b"\x00" * 20, (2).to_bytes(8, "little") + b"{}", b"\xff" * 100])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json and ours
        CODEC.decode(data)
