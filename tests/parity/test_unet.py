"""The UNet against the original's outputs and intermediate activations, on its own weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from ldm_nodes.models.blocks import timestep_embedding
from ldm_nodes.models.conditioners import ClassEmbedder
from ldm_nodes.models.config import UNetConfig
from ldm_nodes.models.unet import UNetModel
from ldm_nodes.models.wrapper import DiffusionWrapper
from tests import golden

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor, nn

PLAIN = [
    "unet_a_spatial_transformer",
    "unet_b_sd2_linear_transformer",
    "unet_b2_sd2_sequential_adm",
    "unet_c_attention_block",
    "unet_c2_pool_resample",
    "unet_d1_class_label",
]


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.inference_mode():
        yield


def unet_of(case: golden.Golden) -> UNetModel:
    return UNetModel(UNetConfig.from_params(case.manifest["config"]["params"])).eval()


def inputs_of(case: golden.Golden, call: dict[str, Any]) -> dict[str, Tensor]:
    return {name: case.tensors[stored] for name, stored in call["inputs"].items()}


def under(prefix: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}


@pytest.mark.parametrize("name", PLAIN)
def test_outputs(name: str) -> None:
    case = golden.load("01_unet", name)
    unet = unet_of(case)
    unet.load_state_dict(case.weights(), strict=True)
    for call in case.manifest["calls"]:
        case.assert_close(call["outputs"]["return"], unet(**inputs_of(case, call)))


@pytest.mark.parametrize("name", PLAIN)
def test_activations(name: str) -> None:
    case = golden.load("01_unet", name)
    unet = unet_of(case)
    unet.load_state_dict(case.weights(), strict=True)
    seen: dict[str, Tensor] = {}

    def watch(module: nn.Module, path: str) -> None:
        module.register_forward_hook(lambda _module, _inputs, out: seen.update({path: out[:1].clone()}))

    recorded = [key for key in case.tensors if key.startswith("call0.act.")]
    for key in recorded:
        watch(unet.get_submodule(key.removeprefix("call0.act.")), key)
    unet(**inputs_of(case, case.manifest["calls"][0]))
    for key in recorded:
        case.assert_close(key, seen[key])


@pytest.mark.parametrize("name", ["unet_a_spatial_transformer", "unet_b2_sd2_sequential_adm"])
def test_projected_context_gives_the_same_output(name: str) -> None:
    case = golden.load("01_unet", name)
    unet = unet_of(case)
    unet.load_state_dict(case.weights(), strict=True)
    call = case.manifest["calls"][0]
    inputs = inputs_of(case, call)
    projection = unet.project_context(inputs.pop("context"))
    case.assert_close(call["outputs"]["return"], unet(**inputs, projection=projection))


def test_class_embedder_through_the_wrapper() -> None:
    case = golden.load("01_unet", "unet_d2_class_embedder_context")
    weights = case.weights()
    embedder = ClassEmbedder(**case.manifest["cond_stage_config"]["params"])
    embedder.load_state_dict(under("cond_stage_model.", weights), strict=True)
    context = embedder(case.tensors["call0.class_label"])
    case.assert_close("call0.context", context)
    wrapper = DiffusionWrapper(unet_of(case), "crossattn")
    wrapper.load_state_dict(under("model.", weights), strict=True)
    x, t = case.tensors["call0.x"], case.tensors["call0.timesteps"]
    case.assert_close("call0.out", wrapper(x, t, c_crossattn=[context]))


def test_hybrid_conditioning() -> None:
    case = golden.load("01_unet", "unet_e_hybrid")
    wrapper = DiffusionWrapper(unet_of(case), "hybrid")
    wrapper.load_state_dict(under("model.", case.weights()), strict=True)
    inputs = case.manifest["calls"][0]["inputs"]
    out = wrapper(
        case.tensors[inputs["x"]],
        case.tensors[inputs["t"]],
        c_concat=[case.tensors[name] for name in inputs["c_concat"]],
        c_crossattn=[case.tensors[name] for name in inputs["c_crossattn"]],
    )
    case.assert_close("call0.out", out)


@pytest.mark.parametrize("kind", ["int", "frac"])
@pytest.mark.parametrize("dim", [8, 320, 33])
def test_timestep_embedding(kind: str, dim: int) -> None:
    case = golden.load("01_unet", "timestep_embedding")
    case.assert_close(f"out.{kind}.dim{dim}", timestep_embedding(case.tensors[f"t.{kind}"], dim))
