"""Control networks and adapters against diffusers: the same files, the same features, the same UNet under them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import ControlNetModel, T2IAdapter
from safetensors.torch import save_file

from ldm_nodes.models.control import Control
from ldm_nodes.models.control_loader import load_control
from ldm_nodes.models.devices import pick_compute
from ldm_nodes.models.hooks import Hooks
from tests.parity.test_diffusers_networks import SD1, SDXL, close, inputs, pair_of_unets, randomize

PIXELS = 8
COMPUTE = pick_compute("cpu", "fp32")
"""The tiny heads differ from the released ones, which the loader takes for granted."""


class Levels:
    """A stand-in for the noise levels of a model: latents and timesteps go through unchanged."""

    def calculate_input(self, sigma: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return x

    def timestep(self, sigma: torch.Tensor) -> torch.Tensor:
        return sigma


class Model:
    model_sampling = Levels()


def control_options(options: dict[str, Any], heads: Any) -> dict[str, Any]:
    kept = {key: value for key, value in options.items() if key != "up_block_types"}
    return {**kept, "attention_head_dim": heads, "conditioning_embedding_out_channels": (16, 32, 96, 256)}


def ready(path: Path, hint: torch.Tensor, strength: float = 1.0) -> Control:
    control = load_control(path, COMPUTE).copy().set_cond_hint(hint, strength)
    control.pre_run(Model(), lambda percent: (1 - percent) * 1000)
    return control


def hint_for(x: torch.Tensor) -> torch.Tensor:
    return torch.rand(len(x), 3, x.shape[2] * PIXELS, x.shape[3] * PIXELS, generator=torch.Generator().manual_seed(4))


def saved(module: Any, path: Path) -> Path:
    save_file({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, path)
    return path


def test_sd1_control_net(tmp_path: Path) -> None:
    options = {**SD1, "block_out_channels": (32, 64, 96, 96)}
    theirs_control: Any = randomize(ControlNetModel(**control_options(options, 8)))
    theirs, ours = pair_of_unets({**options, "attention_head_dim": 8})
    x, t, context = inputs(4, 24)
    hint = hint_for(x)
    control = ready(saved(theirs_control, tmp_path / "c.safetensors"), hint, 0.7)
    added = control.get_control(x, t.float(), {"c_crossattn": context}, 1)
    down, mid = theirs_control(x, t, context, hint, conditioning_scale=0.7, return_dict=False)
    assert added is not None
    for got, expected in zip(added["output"], down, strict=True):
        assert got is not None
        close(got, expected)
    got = ours(x, t, context, hooks=Hooks({"control": added}))
    expected = theirs(
        x, t, encoder_hidden_states=context, down_block_additional_residuals=down, mid_block_additional_residual=mid
    ).sample
    close(got, expected)
    assert (got - ours(x, t, context)).abs().max() > 0.01


def test_sdxl_control_net(tmp_path: Path) -> None:
    options = {**SDXL, "block_out_channels": (64, 128, 192), "attention_head_dim": (1, 2, 3)}
    theirs_control: Any = randomize(ControlNetModel(**control_options(options, (1, 2, 3))))
    theirs, ours = pair_of_unets(options)
    x, t, context = inputs(4, 40)
    hint = hint_for(x)
    pooled, sizes = torch.randn(2, 20), torch.tensor([[512.0, 768, 0, 16, 512, 768]] * 2)
    told = {"text_embeds": pooled, "time_ids": sizes}
    y = torch.cat([pooled, theirs.add_time_proj(sizes.flatten()).view(2, -1)], dim=1)
    control = ready(saved(theirs_control, tmp_path / "c.safetensors"), hint)
    added = control.get_control(x, t.float(), {"c_crossattn": context, "y": y}, 1)
    down, mid = theirs_control(x, t, context, hint, added_cond_kwargs=told, return_dict=False)
    expected = theirs(
        x, t, encoder_hidden_states=context, added_cond_kwargs=told,
        down_block_additional_residuals=down, mid_block_additional_residual=mid,
    ).sample  # fmt: skip
    close(ours(x, t, context, y=y, hooks=Hooks({"control": added})), expected)


@pytest.mark.parametrize(
    ("kind", "widths"), [("full_adapter", [32, 64, 96, 96]), ("light_adapter", [32, 64, 96, 96])], ids=["full", "light"]
)
def test_adapter(tmp_path: Path, kind: str, widths: list[int]) -> None:
    adapter: Any = randomize(T2IAdapter(channels=widths, num_res_blocks=2, adapter_type=kind))
    if kind == "light_adapter":
        adapter.adapter.body = adapter.adapter.body[:4]
    theirs, ours = pair_of_unets(SD1)
    x, t, context = inputs(4, 24)
    hint = hint_for(x)
    features = adapter(hint)
    added = ready(saved(adapter, tmp_path / "a.safetensors"), hint).get_control(x, t.float(), {}, 1)
    expected = theirs(
        x, t, encoder_hidden_states=context, down_intrablock_additional_residuals=[f.clone() for f in features]
    ).sample
    close(ours(x, t, context, hooks=Hooks({"control": added})), expected)


def test_sdxl_adapter(tmp_path: Path) -> None:
    options = {**SDXL, "block_out_channels": (32, 64, 96)}
    adapter: Any = randomize(
        T2IAdapter(channels=[32, 64, 96, 96], num_res_blocks=2, adapter_type="full_adapter_xl", downscale_factor=16)
    )
    theirs, ours = pair_of_unets(options)
    x, t, context = inputs(4, 40)
    hint = hint_for(x)
    features = adapter(hint)
    added = ready(saved(adapter, tmp_path / "a.safetensors"), hint).get_control(x, t.float(), {}, 1)
    told = {"text_embeds": torch.zeros(2, 20), "time_ids": torch.zeros(2, 6)}
    y = torch.cat([torch.zeros(2, 20), theirs.add_time_proj(torch.zeros(12)).view(2, -1)], dim=1)
    expected = theirs(
        x, t, encoder_hidden_states=context, added_cond_kwargs=told,
        down_intrablock_additional_residuals=[f.clone() for f in features],
    ).sample  # fmt: skip
    close(ours(x, t, context, y=y, hooks=Hooks({"control": added})), expected)
