"""Parts in files of their own, under diffusers' and transformers' names, against what those libraries compute."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from ldm_nodes.models.devices import Compute
from ldm_nodes.models.errors import UnknownFamily
from ldm_nodes.models.loader import load_diffusion_model
from ldm_nodes.models.text_file import load_text_encoder
from tests.fakes import parts

if TYPE_CHECKING:
    from pathlib import Path

    from ldm_nodes.models.text_encoder import TextEncoder

FP32 = Compute(torch.device("cpu"), torch.float32)
PROMPT = "a red fox on a blue background"


def close(got: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=2e-5 * float(expected.abs().max()))


def ids(encoder: TextEncoder, reader: int) -> Tensor:
    ((chunk,), config) = encoder.readers[reader].chunks(PROMPT, (), print), encoder.readers[reader].tower.config
    tokens = [token for token, _ in chunk if isinstance(token, int)]
    return torch.tensor([tokens + [config.pad_token] * (config.max_length - len(tokens))])


@pytest.mark.parametrize("family", ["sd1", "sd2", "sdxl"])
def test_a_network_of_diffusers_alone(family: str, tmp_path: Path) -> None:
    theirs = parts.unet(family)
    model = load_diffusion_model(parts.save(tmp_path / "unet.safetensors", theirs), FP32)
    assert model.family == family
    draw = torch.Generator().manual_seed(1)
    x, context = torch.randn(1, 4, 8, 12, generator=draw), torch.randn(1, 7, model.context_dim or 0, generator=draw)
    pooled = torch.randn(1, 1280, generator=draw)
    added = {"text_embeds": pooled, "time_ids": torch.tensor([[64, 96, 0, 8, 128, 96]])} if family == "sdxl" else None
    sizes = {"crop_w": 8, "target_height": 128, "target_width": 96, "pooled_output": pooled}
    got = model.predict(x, torch.tensor([301]), model.conditions(context, sizes, x.shape, False))
    close(got, theirs(x, torch.tensor([301]), encoder_hidden_states=context, added_cond_kwargs=added).sample)


@pytest.mark.parametrize("name", ["clip_l", "clip_h", "clip_g"])
def test_a_tower_of_transformers_alone(name: str, tmp_path: Path) -> None:
    theirs = parts.tower(name)
    encoder = load_text_encoder([parts.save(tmp_path / "tower.safetensors", theirs)], FP32)
    assert encoder.origin.family == {"clip_l": "sd1", "clip_h": "sd2", "clip_g": "sdxl-refiner"}[name]
    context, pooled = encoder.encode(PROMPT)
    expected = theirs(ids(encoder, 0), output_hidden_states=True)
    close(context, expected.hidden_states[-2] if name == "clip_g" else expected.last_hidden_state)
    if name == "clip_g":
        close(pooled, expected.text_embeds)


@pytest.mark.parametrize("order", [("clip_l", "clip_g"), ("clip_g", "clip_l")])
def test_the_two_towers_of_sdxl_in_any_order(order: tuple[str, str], tmp_path: Path) -> None:
    theirs = {name: parts.tower(name) for name in order}
    encoder = load_text_encoder(
        [parts.save(tmp_path / f"{name}.safetensors", tower) for name, tower in theirs.items()], FP32
    )
    context, pooled = encoder.encode(PROMPT)
    small, large = (
        theirs[name](ids(encoder, i), output_hidden_states=True) for i, name in enumerate(("clip_l", "clip_g"))
    )
    close(context, torch.cat([small.hidden_states[-2], large.hidden_states[-2]], dim=-1))
    close(pooled, large.text_embeds)


def test_towers_that_do_not_belong_together_are_named(tmp_path: Path) -> None:
    paths = [parts.save(tmp_path / f"{i}.safetensors", parts.tower("clip_l")) for i in (1, 2)]
    with pytest.raises(UnknownFamily, match="hold CLIP-l and CLIP-l; SDXL's text encoder is one CLIP-L and one Open"):
        load_text_encoder(paths, FP32)


def test_weights_that_were_stored_in_eight_bits(tmp_path: Path) -> None:
    """Rounding on loading gives what rounding before saving gives."""
    theirs = parts.unet("sd1")
    path = parts.save(tmp_path / "unet.safetensors", theirs)
    rounded = {name: x.to(torch.float8_e4m3fn).float() for name, x in theirs.state_dict().items()}
    save_file(rounded, tmp_path / "rounded.safetensors")
    x, context = torch.ones(1, 4, 8, 8), torch.ones(1, 7, 768)
    got, expected = (
        model.predict(x, torch.tensor([301]), {"context": context})
        for model in (
            load_diffusion_model(path, FP32, stored=torch.float8_e4m3fn),
            load_diffusion_model(tmp_path / "rounded.safetensors", FP32),
        )
    )
    assert torch.equal(got, expected)
    assert not torch.equal(got, load_diffusion_model(path, FP32).predict(x, torch.tensor([301]), {"context": context}))
