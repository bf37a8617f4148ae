"""Upscaling networks: ESRGAN's formula written out, every spelling of its names, tiles, memory, other networks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor

from ldm_nodes.models.errors import ModelError, UnknownFamily, WrongWeights
from ldm_nodes.models.esrgan import Esrgan, build_esrgan, esrgan_state
from ldm_nodes.models.upscaler import Upscaler, load_upscaler, tiles_of
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings

CPU = torch.device("cpu")
BLOCKS = 2


def weights(fold: int = 1) -> dict[str, Tensor]:
    """Return the weights of a tiny network under BasicSR's names."""
    torch.manual_seed(0)
    return dict(Esrgan(3, fold, width=8, growth=4, blocks=BLOCKS).state_dict())


def old_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename weights as the first releases of ESRGAN have them."""
    ends = {"conv_first": "0", "conv_up1": "3", "conv_up2": "6", "conv_hr": "8", "conv_last": "10"}
    ends |= {"conv_body": f"1.sub.{BLOCKS}"}
    made = {}
    for name, tensor in state.items():
        first, *rest = name.split(".")
        if first == "body":
            block, dense, convolution, kind = rest
            made[f"model.1.sub.{block}.RDB{dense[-1]}.{convolution}.0.{kind}"] = tensor
        else:
            made[f"model.{ends[first]}.{rest[0]}"] = tensor
    return made


def paper_names(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename weights as the paper's code has them."""
    pairs = {"conv_body": "trunk_conv", "body.": "RRDB_trunk.", "conv_up": "upconv", "conv_hr": "HRconv", "rdb": "RDB"}
    made = {}
    for name, tensor in state.items():
        for ours, theirs in pairs.items():
            name = name.replace(ours, theirs)
        made[name] = tensor
    return made


def formula(state: dict[str, Tensor], x: Tensor) -> Tensor:
    """Return what the papers say, without a module."""

    def convolve(name: str, x: Tensor) -> Tensor:
        return F.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], padding=1)

    def grown(x: Tensor) -> Tensor:
        return F.leaky_relu(x.repeat_interleave(2, -1).repeat_interleave(2, -2), 1.0)

    features = first = convolve("conv_first", x)
    for block in range(BLOCKS):
        start = features
        for dense in (1, 2, 3):
            inner, seen = features, [features]
            for number in (1, 2, 3, 4):
                grows = convolve(f"body.{block}.rdb{dense}.conv{number}", torch.cat(seen, 1))
                seen.append(torch.where(grows > 0, grows, 0.2 * grows))
            features = inner + 0.2 * convolve(f"body.{block}.rdb{dense}.conv5", torch.cat(seen, 1))
        features = start + 0.2 * features
    features = first + convolve("conv_body", features)
    for name in ("conv_up1", "conv_up2", "conv_hr"):
        larger = features if name == "conv_hr" else grown(features)
        made = convolve(name, larger)
        features = torch.where(made > 0, made, 0.2 * made)
    return convolve("conv_last", features)


SPELLINGS = {
    "BasicSR": lambda state: state,
    "Real-ESRGAN": lambda state: {f"params_ema.{name}": x for name, x in state.items()},
    "first releases": old_names,
    "paper": paper_names,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_computes_the_formula(spelling: str, tmp_path: Path) -> None:
    state = weights()
    path = tmp_path / "4x.safetensors"
    save_file({name: x.contiguous() for name, x in SPELLINGS[spelling](state).items()}, path)
    upscaler = load_upscaler(path, CPU)
    x = torch.rand(2, 3, 7, 9, generator=torch.Generator().manual_seed(1))
    assert upscaler.scale == 4
    torch.testing.assert_close(upscaler(x), formula(state, x))


@pytest.mark.parametrize(("fold", "scale"), [(2, 2), (4, 1)])
def test_folded_pixels_enlarge_less_whatever_the_side(fold: int, scale: int) -> None:
    network = build_esrgan(weights(fold), "x")
    x = torch.rand(1, 3, 9, 13)
    assert network(x).shape == (1, 3, 9 * scale, 13 * scale)
    even = torch.rand(1, 3, 8, 12)
    torch.testing.assert_close(network(even), formula(weights(fold), F.pixel_unshuffle(even, fold)))


def test_tiles_give_the_picture_and_tell_how_far_they_are() -> None:
    told: list[tuple[int, int]] = []
    upscaler = Upscaler(lambda x: x.repeat_interleave(2, -1).repeat_interleave(2, -2), 2, CPU)
    picture = torch.rand(1, 700, 530, 3)
    made = upscaler.upscale(picture, lambda done, total: told.append((done, total)), pytest.fail)
    torch.testing.assert_close(made, picture.repeat_interleave(2, 1).repeat_interleave(2, 2))
    assert told == [(done, 4) for done in (1, 2, 3, 4)]
    assert (tiles_of(512, 512), tiles_of(513, 512), tiles_of(993, 512)) == (1, 2, 3)


def test_where_memory_runs_out_tiles_become_smaller() -> None:
    sides: list[int] = []
    notices: list[str] = []

    def network(x: Tensor) -> Tensor:
        sides.append(x.shape[-1])
        if x.shape[-1] > 128:
            raise torch.OutOfMemoryError("out of memory")
        return x

    picture = torch.rand(1, 64, 300, 3)
    made = Upscaler(network, 1, CPU).upscale(picture, lambda *_: None, notices.append)
    torch.testing.assert_close(made, picture)
    assert sides[:3] == [300, 256, 128]
    assert [notice.split()[-1] for notice in notices] == ["256.", "128."]
    with pytest.raises(torch.OutOfMemoryError):
        Upscaler(_always_full, 1, CPU).upscale(picture, lambda *_: None, notices.append)


def _always_full(x: Tensor) -> Tensor:
    raise torch.OutOfMemoryError("out of memory")


def test_other_networks_need_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spandrel", None)
    save_file({"layers.0.weight": torch.zeros(3)}, tmp_path / "swin.safetensors")
    with pytest.raises(ModelError, match=r"swin.safetensors is no ESRGAN; .* pip install 'ldm-nodes\[upscale\]'"):
        load_upscaler(tmp_path / "swin.safetensors", CPU)


def test_damaged_networks_are_named() -> None:
    state = weights()
    del state["conv_hr.bias"]
    with pytest.raises(WrongWeights, match=r"4x is an incomplete ESRGAN .*conv_hr.bias"):
        build_esrgan(state, "4x")
    with pytest.raises(UnknownFamily, match="enlarges pictures of 5 channels"):
        build_esrgan(esrgan_state(weights() | {"conv_first.weight": torch.zeros(8, 5, 3, 3)}), "4x")


def test_files_are_found_below_their_folder(tmp_path: Path) -> None:
    from ldm_nodes.engine.context import Context
    from ldm_nodes.nodes.upscaling import image_upscale_with_model, upscale_model_loader

    path = tmp_path / "models" / "upscale_models" / "4x.safetensors"
    path.parent.mkdir(parents=True)
    save_file(weights(), path)
    context = Context(Runtime(Settings(Folders.under(tmp_path), device="cpu", precision="fp32")))
    upscaler = upscale_model_loader("4x.safetensors", context=context)
    assert upscale_model_loader("4x.safetensors", context=context) is upscaler
    made = image_upscale_with_model(upscaler, torch.rand(1, 8, 6, 3), context=context)
    assert made.shape == (1, 32, 24, 3)
    assert 0 <= made.min() <= made.max() <= 1
