"""A tensor's hash sees every bit, the type, the shape and the layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from ldm_nodes.nodes.digests import tensor_digest

BASE = torch.arange(24.0).reshape(2, 3, 4)


def test_equal_tensors_share_a_hash_whatever_lies_around_them() -> None:
    larger = torch.zeros(4, 3, 4)
    larger[1:3] = BASE
    assert tensor_digest(BASE) == tensor_digest(BASE.clone()) == tensor_digest(larger[1:3])
    assert tensor_digest(torch.zeros(0, 3)) == tensor_digest(torch.ones(0, 3))


@pytest.mark.parametrize(
    "change",
    [
        lambda tensor: tensor.to(torch.float64),
        lambda tensor: tensor.view(3, 2, 4),
        lambda tensor: tensor.view(torch.int32),
        lambda tensor: tensor.transpose(0, 1).contiguous().transpose(0, 1),
        lambda tensor: tensor.index_fill(0, torch.tensor([0]), 1.0),
        lambda tensor: torch.nextafter(tensor, tensor + 1),
        lambda tensor: -tensor * 0,
    ],
)
def test_every_change_changes_the_hash(change: Callable[[Tensor], Tensor]) -> None:
    assert tensor_digest(change(BASE.clone())) not in (None, tensor_digest(BASE))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.int64, torch.bool, torch.complex64])
def test_every_type_has_a_hash(dtype: torch.dtype) -> None:
    assert tensor_digest(torch.ones(3).to(dtype)) not in (None, tensor_digest(torch.zeros(3).to(dtype)))
    assert tensor_digest(torch.tensor(1).to(dtype)) is not None


@pytest.mark.parametrize(
    "value",
    [1, "x", np.zeros(3), nn.Parameter(torch.zeros(3)), torch.zeros(3, device="meta"), torch.eye(2).to_sparse()],
)
def test_anything_else_has_none(value: Any) -> None:
    assert tensor_digest(value) is None
