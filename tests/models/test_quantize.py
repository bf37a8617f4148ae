"""The codebook: the two losses, straight-through gradients, ids in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
import torch

from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.models.quantize import VectorQuantizer

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

USED = [1, 4, 6]


@pytest.fixture
def z() -> Tensor:
    return torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0)).requires_grad_()


@pytest.fixture
def used(tmp_path: Path) -> Path:
    path = tmp_path / "used.npy"
    np.save(path, np.array(USED))
    return path


def quantizer(**options: Any) -> VectorQuantizer:
    torch.manual_seed(0)
    made = VectorQuantizer(8, 3, **options)
    torch.nn.init.normal_(made.embedding.weight)
    return made


def test_codebook_starts_uniform() -> None:
    weight = VectorQuantizer(500, 4).embedding.weight.detach()
    assert weight.abs().max() <= 1 / 500
    assert weight.std() == pytest.approx(1 / 500 / 3**0.5, rel=0.05)


def test_entries_are_the_nearest(z: Tensor) -> None:
    made = quantizer()
    latent, _, indices = made(z)
    vectors = z.permute(0, 2, 3, 1).reshape(-1, 3)
    distances = torch.cdist(vectors, made.embedding.weight)
    assert torch.equal(indices, distances.argmin(1))
    torch.testing.assert_close(latent.permute(0, 2, 3, 1).reshape(-1, 3), made.embedding.weight[indices])


@pytest.mark.parametrize(("legacy", "to_codebook", "to_latent"), [(True, 0.25, 1.0), (False, 1.0, 0.25)])
def test_where_beta_goes(z: Tensor, legacy: bool, to_codebook: float, to_latent: float) -> None:
    made = quantizer(legacy=legacy)
    _, loss, indices = made(z)
    loss.backward()
    difference = (z - made.get_codebook_entry(indices, (2, 4, 5, 3))).detach()
    assert z.grad is not None
    torch.testing.assert_close(z.grad, to_latent * 2 * difference / z.numel())
    gradient = torch.zeros(8, 3).index_add_(0, indices, -2 * difference.permute(0, 2, 3, 1).reshape(-1, 3) / z.numel())
    torch.testing.assert_close(made.embedding.weight.grad, to_codebook * gradient)


def test_gradients_pass_straight_through(z: Tensor) -> None:
    weights = torch.randn(2, 3, 4, 5)
    (quantizer()(z).latent * weights).sum().backward()
    assert z.grad is not None
    assert torch.equal(z.grad, weights)


def test_ids_become_positions(used: Path) -> None:
    made = quantizer(remap=used, unknown_index="extra")
    assert torch.equal(made._to_used(torch.tensor([6, 1, 2, 4])), torch.tensor([2, 0, 3, 1]))
    assert torch.equal(made._from_used(torch.tensor([2, 0, 3, 1])), torch.tensor([6, 1, 1, 4]))


@pytest.mark.parametrize("unknown", ["random", 1])
def test_ids_that_are_not_in_use(used: Path, unknown: Literal["random"] | int) -> None:
    positions = quantizer(remap=used, unknown_index=unknown)._to_used(torch.full((200,), 7))
    assert set(positions.tolist()) == ({0, 1, 2} if unknown == "random" else {1})


def test_used_ids_are_stored_with_the_weights(used: Path) -> None:
    assert quantizer(remap=used).state_dict()["used"].tolist() == USED


def test_entries_without_a_shape_stay_flat(used: Path) -> None:
    made = quantizer(remap=used)
    assert torch.equal(made.get_codebook_entry(torch.tensor([2, 0])), made.embedding.weight[[6, 1]])


def test_an_unreadable_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.npy").write_bytes(b"not an array")
    for name in ("bad.npy", "absent.npy"):
        with pytest.raises(WrongConfig, match=f"{name} is no readable .npy file"):
            quantizer(remap=tmp_path / name)


def test_latents_keep_their_type() -> None:
    latent, _, _ = quantizer().bfloat16()(torch.randn(1, 3, 4, 4))
    assert latent.dtype == torch.float32
