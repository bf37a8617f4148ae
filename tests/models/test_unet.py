"""The UNet: sizes and names of the released models, options that no golden case covers, wrong inputs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.models import config
from ldm_nodes.models.config import UNetConfig
from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.models.unet import UNetModel

TINY = UNetConfig(
    in_channels=4, out_channels=4, model_channels=32, num_res_blocks=1, attention_resolutions=(2,), channel_mult=(1, 2),
    num_heads=2, use_spatial_transformer=True, context_dim=12,
)  # fmt: skip
PLAIN = replace(TINY, use_spatial_transformer=False, context_dim=None)

RELEASED = [
    (config.SD1_UNET, 686, 859_520_964),
    (config.LDM_TEXT_UNET, 686, 872_300_484),
    (config.SD2_UNET, 686, 865_910_724),
    (config.SD2_INPAINT_UNET, 686, 865_925_124),
    (config.SD2_DEPTH_UNET, 686, 865_913_604),
    (config.SD2_UNCLIP_L_UNET, 690, 869_517_764),
    (config.SD2_UNCLIP_H_UNET, 690, 870_173_124),
    (config.X4_UPSCALER_UNET, 687, 473_398_020),
    (config.SDXL_UNET, 1680, 2_567_463_684),
    (config.SDXL_REFINER_UNET, 1220, 2_259_526_660),
    (config.CIN256_UNET, 688, 400_920_579),
    (config.CELEBA256_UNET, 368, 274_056_163),
    (config.CHURCHES256_UNET, 520, 294_966_916),
    (config.INPAINT_BIG_UNET, 416, 387_245_827),
]


def built(setting: UNetConfig) -> UNetModel:
    """Return a network none of whose layers is zero."""
    torch.manual_seed(0)
    unet = UNetModel(setting).eval()
    for parameter in unet.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.1)
    return unet.requires_grad_(False)


def inputs(setting: UNetConfig, *space: int) -> dict[str, Tensor]:
    torch.manual_seed(1)
    given = {"x": torch.randn(2, setting.in_channels, *(space or (8, 8))), "timesteps": torch.tensor([5, 700])}
    if setting.context_dim is not None:
        given["context"] = torch.randn(2, 5, setting.context_dim)
    return given


@pytest.mark.parametrize(("setting", "tensors", "parameters"), RELEASED)
def test_size_of_the_released_networks(setting: UNetConfig, tensors: int, parameters: int) -> None:
    with torch.device("meta"):
        unet = UNetModel(setting)
    assert len(unet.state_dict()) == tensors
    assert sum(parameter.numel() for parameter in unet.parameters()) == parameters


def test_names_of_sd1_at_the_places_that_move() -> None:
    with torch.device("meta"):
        names = UNetModel(config.SD1_UNET).state_dict()
    expected = {
        "input_blocks.3.0.op.weight": (320, 320, 3, 3),
        "input_blocks.8.1.transformer_blocks.0.ff.net.0.proj.weight": (10240, 1280),
        "middle_block.1.proj_in.weight": (1280, 1280, 1, 1),
        "output_blocks.2.1.conv.weight": (1280, 1280, 3, 3),
        "output_blocks.5.2.conv.weight": (1280, 1280, 3, 3),
        "output_blocks.8.0.skip_connection.weight": (640, 960, 1, 1),
        "out.2.weight": (4, 320, 3, 3),
    }
    assert {name: tuple(names[name].shape) for name in expected} == expected


def test_a_network_built_on_meta_is_complete_after_loading() -> None:
    original = built(TINY)
    with torch.device("meta"):
        unet = UNetModel(TINY).eval()
    unet.load_state_dict(original.state_dict(), strict=True, assign=True)
    with torch.no_grad():
        assert torch.equal(unet(**inputs(TINY)), original(**inputs(TINY)))


def test_outputs_are_zero_at_the_start_of_training() -> None:
    assert not UNetModel(TINY)(**inputs(TINY)).any()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_runs_in_the_type_of_its_weights_and_answers_in_the_inputs(dtype: torch.dtype) -> None:
    expected = built(TINY)(**inputs(TINY))
    got = built(TINY).to(dtype)(**inputs(TINY))
    assert got.dtype == torch.float32
    assert 0 < (got - expected).abs().max() < 0.05 * expected.abs().max()


def test_channels_last_gives_the_same() -> None:
    unet = built(TINY)
    expected = unet(**inputs(TINY))
    unet.memory_format = torch.channels_last
    torch.testing.assert_close(unet(**inputs(TINY)), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dims", [1, 3])
@pytest.mark.parametrize("changes", [{}, {"resblock_updown": True}, {"conv_resample": False}])
def test_one_and_three_space_axes(dims: int, changes: dict[str, Any]) -> None:
    setting = replace(PLAIN, dims=dims, **changes)
    x = inputs(setting, *[(8,), (), (3, 8, 6)][dims - 1])
    assert built(setting)(**x).shape == x["x"].shape


def test_three_axes_keep_their_first_one() -> None:
    unet = built(replace(PLAIN, dims=3))
    sizes: list[tuple[int, ...]] = []
    unet.middle_block.register_forward_hook(lambda _module, _inputs, out: sizes.append(tuple(out.shape[2:])))
    unet(**inputs(PLAIN, 3, 8, 6))
    assert sizes == [(3, 4, 3)]


@pytest.mark.parametrize("changes", [{}, {"resblock_updown": True}, {"conv_resample": False}])
def test_sides_that_do_not_halve_evenly(changes: dict[str, Any]) -> None:
    setting = replace(PLAIN, **changes)
    assert built(setting)(**inputs(setting, 7, 9)).shape == (2, 4, 7, 9)


def test_checkpointing_changes_no_gradient() -> None:
    gradients = []
    for use_checkpoint in (False, True):
        setting = replace(TINY, use_checkpoint=use_checkpoint)
        unet = built(setting).requires_grad_(True)
        unet(**inputs(setting)).square().mean().backward()
        gradients.append([parameter.grad for parameter in unet.parameters()])
    assert all(torch.equal(one, other) for one, other in zip(*gradients, strict=True))


def test_checkpointing_keeps_fewer_activations() -> None:
    kept = []
    for use_checkpoint in (False, True):
        setting = replace(TINY, use_checkpoint=use_checkpoint)
        unet = built(setting).requires_grad_(True)
        sizes: list[int] = []
        with torch.autograd.graph.saved_tensors_hooks(lambda t, sizes=sizes: sizes.append(t.numel()) or t, lambda t: t):  # type: ignore[misc]
            unet(**inputs(setting))
        kept.append(sum(sizes))
    assert kept[1] < kept[0] / 2


def test_continuous_class() -> None:
    setting = replace(PLAIN, num_classes="continuous")
    unet = built(setting)
    outputs = [unet(**inputs(setting), y=torch.tensor(levels)) for levels in ([0.1, 0.2], [0.1, 0.9])]
    assert torch.equal(outputs[0][0], outputs[1][0])
    assert not torch.equal(outputs[0][1], outputs[1][1])


def test_options_of_levels() -> None:
    setting = replace(
        TINY, channel_mult=(1, 1), attention_resolutions=(1, 2), num_res_blocks=(2, 1), num_attention_blocks=(1, 0),
        disable_self_attentions=(True, False), transformer_depth=(2, 1), transformer_depth_middle=3,
        disable_middle_self_attn=True,
    )  # fmt: skip
    names = set(UNetModel(setting).state_dict())
    assert "input_blocks.1.1.transformer_blocks.1.attn1.to_k.weight" in names
    assert not any(name.startswith(("input_blocks.2.1.", "input_blocks.4.1.")) for name in names)
    assert "middle_block.1.transformer_blocks.2.norm1.weight" in names
    unet = built(setting)
    assert unet.get_parameter("middle_block.1.transformer_blocks.0.attn1.to_k.weight").shape == (32, 12)
    given = inputs(setting)
    projection = unet.project_context(given.pop("context"))
    assert len(projection.pairs) == 2 * 2 + 2 * 2 + 2 * 3  # two levels of depth two and the middle, each read twice
    torch.testing.assert_close(unet(**given, projection=projection), unet(**inputs(setting)))


@pytest.mark.parametrize("new_order", [False, True])
def test_width_of_heads_can_be_given_instead_of_their_number(new_order: bool) -> None:
    by_number = built(replace(PLAIN, num_heads=4, use_new_attention_order=new_order))
    by_width = built(replace(PLAIN, num_heads=-1, num_head_channels=16, use_new_attention_order=new_order))
    assert torch.equal(by_number(**inputs(PLAIN)), by_width(**inputs(PLAIN)))


def test_heads_of_the_decoder_alone() -> None:
    unet = built(replace(PLAIN, num_heads=2, num_heads_upsample=8))
    heads = {name: module.heads for name, module in unet.named_modules() if hasattr(module, "heads")}
    assert {count for name, count in heads.items() if name.startswith("output")} == {8}
    assert {count for name, count in heads.items() if not name.startswith("output")} == {2}


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(WrongConfig, match="32 channels cannot have 3 heads"):
        UNetModel(replace(PLAIN, num_heads=3, attention_resolutions=(1,)))


def test_every_tensor_follows_the_device_of_the_inputs() -> None:
    setting = replace(TINY, num_classes="sequential", adm_in_channels=6)
    unet = UNetModel(setting).to("meta")
    given = {name: value.to("meta") for name, value in inputs(setting).items()}
    projection = unet.project_context(given.pop("context"))
    assert unet(**given, y=torch.zeros(2, 6, device="meta"), projection=projection).is_meta


@pytest.mark.parametrize(
    ("setting", "changes", "said"),
    [
        (TINY, {"x": torch.zeros(2, 9, 8, 8)}, "9 channels; this network takes 4"),
        (TINY, {"context": None}, "needs a context"),
        (TINY, {"context": torch.zeros(2, 5, 7)}, "7 wide; this network takes 12"),
        (TINY, {"y": torch.tensor([1, 2])}, "takes no class"),
        (PLAIN, {"context": torch.zeros(2, 5, 7)}, "takes no context"),
        (replace(PLAIN, num_classes=3), {}, "takes a class"),
        (replace(PLAIN, num_classes="sequential", adm_in_channels=6), {"y": torch.zeros(2, 5)}, "5 wide; this .* 6"),
    ],
)
def test_wrong_inputs(setting: UNetConfig, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        built(setting)(**{**inputs(setting), **changes})
