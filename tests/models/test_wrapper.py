"""How conditions reach the UNet in each mode."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from ldm_nodes.models.config import UNetConfig
from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.models.unet import UNetModel
from ldm_nodes.models.wrapper import ConditioningKey, DiffusionWrapper

BASE = UNetConfig(
    in_channels=2, out_channels=2, model_channels=32, num_res_blocks=1, attention_resolutions=(1,), channel_mult=(1,),
    num_heads=2,
)  # fmt: skip
ATTENDS: dict[str, Any] = {"use_spatial_transformer": True, "context_dim": 6}
WIDER: dict[str, Any] = {"in_channels": 4}
CLASSES: dict[str, Any] = {"num_classes": 5}

X, T = torch.randn(2, 2, 4, 4), torch.tensor([1, 900])
CONCAT = [torch.randn(2, 1, 4, 4), torch.randn(2, 1, 4, 4)]
CONTEXT = [torch.randn(2, 3, 6), torch.randn(2, 1, 6)]
Y = torch.tensor([4, 0])
JOINED, TOKENS = torch.cat([X, *CONCAT], dim=1), torch.cat(CONTEXT, dim=1)

MODES: list[tuple[ConditioningKey | None, dict[str, Any], dict[str, Any], dict[str, Tensor]]] = [
    (None, {}, {}, {"x": X}),
    ("concat", WIDER, {"c_concat": CONCAT}, {"x": JOINED}),
    ("crossattn", ATTENDS, {"c_crossattn": CONTEXT}, {"x": X, "context": TOKENS}),
    ("hybrid", ATTENDS | WIDER, {"c_concat": CONCAT, "c_crossattn": CONTEXT}, {"x": JOINED, "context": TOKENS}),
    ("adm", CLASSES, {"c_crossattn": [Y]}, {"x": X, "y": Y}),
    ("crossattn-adm", ATTENDS | CLASSES, {"c_crossattn": CONTEXT, "c_adm": Y}, {"x": X, "context": TOKENS, "y": Y}),
    (
        "hybrid-adm",
        ATTENDS | WIDER | CLASSES,
        {"c_concat": CONCAT, "c_crossattn": CONTEXT, "c_adm": Y},
        {"x": JOINED, "context": TOKENS, "y": Y},
    ),
]


def network(changes: dict[str, Any]) -> UNetModel:
    torch.manual_seed(0)
    unet = UNetModel(replace(BASE, **changes)).eval()
    for parameter in unet.parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return unet.requires_grad_(False)


@pytest.mark.parametrize(("key", "changes", "conditions", "direct"), MODES, ids=[str(mode[0]) for mode in MODES])
def test_modes(
    key: ConditioningKey | None, changes: dict[str, Any], conditions: dict[str, Any], direct: dict[str, Tensor]
) -> None:
    unet = network(changes)
    assert torch.equal(DiffusionWrapper(unet, key)(X, T, **conditions), unet(timesteps=T, **direct))


def test_a_projection_takes_the_place_of_the_context() -> None:
    unet = network(ATTENDS)
    got = DiffusionWrapper(unet, "crossattn")(X, T, projection=unet.project_context(TOKENS))
    torch.testing.assert_close(got, unet(X, T, TOKENS))


def test_names_start_with_the_model() -> None:
    assert all(name.startswith("diffusion_model.") for name in DiffusionWrapper(network({}), None).state_dict())


@pytest.mark.parametrize(
    ("key", "changes", "conditions", "missing"),
    [
        ("concat", WIDER, {}, "c_concat"),
        ("crossattn", ATTENDS, {}, "c_crossattn"),
        ("adm", CLASSES, {}, "c_crossattn"),
        ("hybrid", ATTENDS | WIDER, {"c_crossattn": CONTEXT}, "c_concat"),
        ("crossattn-adm", ATTENDS | CLASSES, {"c_crossattn": CONTEXT}, "a class"),
    ],
)
def test_missing_conditions(
    key: ConditioningKey, changes: dict[str, Any], conditions: dict[str, Any], missing: str
) -> None:
    with pytest.raises(ValueError, match=missing):
        DiffusionWrapper(network(changes), key)(X, T, **conditions)


def test_unknown_mode() -> None:
    with pytest.raises(WrongConfig, match="'film'; expected null or one of concat"):
        DiffusionWrapper(network({}), "film")  # type: ignore[arg-type]
