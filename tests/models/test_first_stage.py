from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

import ldm_nodes
from ldm_nodes.models import first_stage
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.errors import ModelError
from ldm_nodes.models.loader import load_first_stage
from ldm_nodes.models.tiles import averaged_tilings, tiled

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldm_nodes.models.first_stage import FirstStage

ASSETS = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints"
CPU = torch.device("cpu")


@pytest.fixture
def vae() -> FirstStage:
    return load_first_stage(ASSETS / "tiny-sd-v1.safetensors", Compute(CPU, torch.float32))


@pytest.fixture
def latent() -> Tensor:
    return torch.randn(2, 4, 8, 12, generator=torch.Generator().manual_seed(1))


def test_pictures_come_out_as_nodes_pass_them(vae: FirstStage, latent: Tensor) -> None:
    pictures = vae.decode(latent)
    assert (pictures.shape, pictures.dtype) == ((2, 64, 96, 3), torch.float32)
    assert 0 <= pictures.min() < pictures.max() <= 1
    raw = vae.model.decode(latent)
    torch.testing.assert_close(pictures.movedim(-1, 1), ((raw + 1) / 2).clamp(0, 1))


def test_a_batch_is_its_pictures(vae: FirstStage, latent: Tensor) -> None:
    assert torch.equal(vae.decode(latent)[1:], vae.decode(latent[1:]))


def test_pictures_are_cut_centrally_and_encoded_to_the_mode(vae: FirstStage) -> None:
    pictures = torch.rand(1, 70, 45, 3, generator=torch.Generator().manual_seed(1))
    got = vae.encode(pictures)
    assert got.shape == (1, 4, 8, 5)
    cut = pictures[:, 3:67, 2:42].movedim(-1, 1) * 2 - 1
    torch.testing.assert_close(got, vae.model.encode(cut).mode())


def test_a_vq_latent_is_taken_before_the_codebook() -> None:
    vq = load_first_stage(ASSETS / "tiny-class-v1.safetensors", Compute(CPU, torch.float32))
    pictures = torch.rand(1, 16, 16, 3, generator=torch.Generator().manual_seed(1))
    latent = vq.encode(pictures)
    assert vq.codebook is not None
    assert not torch.allclose(vq.codebook(latent).latent, latent)
    assert torch.equal(vq.decode(latent), vq.decode(vq.codebook(latent).latent))


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        (lambda vae: vae.decode(torch.zeros(1, 3, 8, 8)), "latent has 3 channels and the autoencoder takes 4"),
        (lambda vae: vae.encode(torch.zeros(1, 64, 64, 4)), "picture has 4 channels"),
        (lambda vae: vae.encode(torch.zeros(1, 64, 7, 3)), "picture has 7x64 pixels; this autoencoder needs 8"),
        (lambda vae: vae.decode(torch.full((1, 4, 8, 8), torch.nan)), "latent with NaN or infinity"),
        (lambda vae: vae.decode_tiled(torch.zeros(1, 3, 8, 8), 64, 16), "latent has 3 channels"),
    ],
)
def test_bad_input_is_named(call: Callable[[FirstStage], Tensor], reason: str, vae: FirstStage) -> None:
    with pytest.raises(ModelError, match=reason):
        call(vae)


def test_an_overflow_moves_to_a_wider_type_and_says_so(latent: Tensor) -> None:
    vae = load_first_stage(ASSETS / "tiny-sd-v1.safetensors", Compute(CPU, torch.float16))
    with torch.no_grad():
        vae.model.post_quant_conv.weight.mul_(3e4)  # beyond what half precision holds
    notices: list[str] = []
    latent = 50 * latent
    pictures = vae.decode(latent, notice=notices.append)
    assert pictures.isfinite().all()
    assert pictures.std() > 0
    assert [notice.split(" and goes on in ")[1][:4] for notice in notices] == ["bf16"]
    assert vae.model.dtype == torch.bfloat16
    notices.clear()
    vae.decode(latent, notice=notices.append)
    assert not notices


def test_weights_that_are_no_numbers_are_an_error_and_no_black_picture(vae: FirstStage, latent: Tensor) -> None:
    with torch.no_grad():
        vae.model.decoder.conv_out.bias.fill_(torch.inf)  # type: ignore[union-attr]
    with pytest.raises(ModelError, match="weights with NaN or infinity"):
        vae.decode(latent)


def test_tiles_take_over_where_memory_ends(vae: FirstStage, latent: Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    decode = vae.model.decode
    sizes: list[int] = []

    def small(z: Tensor) -> Tensor:
        if z.shape[-1] > 8:
            raise RuntimeError("[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: not enough memory")
        sizes.append(z.shape[-1])
        return decode(z)

    monkeypatch.setattr(vae.model, "decode", small)
    monkeypatch.setattr(first_stage, "DECODE_TILE", 4)
    monkeypatch.setattr(first_stage, "DECODE_OVERLAP", 1)
    notices: list[str] = []
    pictures = vae.decode(latent, notice=notices.append)
    assert pictures.shape == (2, 64, 96, 3)
    assert len(notices) == 2
    assert max(sizes) <= 8


def test_other_failures_are_not_mistaken_for_memory(
    vae: FirstStage, latent: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(z: Tensor) -> Tensor:
        raise RuntimeError("expected scalar type Half")

    monkeypatch.setattr(vae.model, "decode", broken)
    with pytest.raises(RuntimeError, match="scalar type"):
        vae.decode(latent)


def test_a_tile_as_large_as_the_picture_changes_nothing(vae: FirstStage, latent: Tensor) -> None:
    torch.testing.assert_close(vae.decode_tiled(latent, 64, 16), vae.decode(latent))
    pictures = torch.rand(1, 64, 64, 3, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(vae.encode_tiled(pictures, 256, 64), vae.encode(pictures))


@pytest.mark.parametrize("shape", [(8, 8), (5, 20), (20, 5), (33, 17)])
@pytest.mark.parametrize("overlap", [0, 1, 2])
def test_tiles_of_a_pointwise_function_are_that_function(shape: tuple[int, int], overlap: int) -> None:
    x = torch.rand(2, 3, 24, 31, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(tiled(torch.sin, x, shape, overlap, 1), torch.sin(x))
    doubled = tiled(lambda part: part.repeat_interleave(2, -1).repeat_interleave(2, -2), x, shape, overlap, 2)
    torch.testing.assert_close(doubled, x.repeat_interleave(2, -1).repeat_interleave(2, -2))


def test_every_tile_stays_within_its_size() -> None:
    shapes: list[tuple[int, ...]] = []

    def record(part: Tensor) -> Tensor:
        shapes.append(tuple(part.shape[-2:]))
        return part

    averaged_tilings(record, torch.zeros(1, 1, 100, 100), 16, 64, 1)
    assert {max(shape) for shape in shapes} == {16, 32}
    assert all(height * width <= 16 * 16 for height, width in shapes)
