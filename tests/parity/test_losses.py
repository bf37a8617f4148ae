"""LPIPS, the discriminator and the first stage's losses against the original's values and gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ldm_nodes.models.distribution import DiagonalGaussian
from ldm_nodes.training.autoencoder import KLLoss, LossStep, Reconstruction, VQLoss, codebook_usage
from ldm_nodes.training.discriminator import NLayerDiscriminator, hinge_d_loss, vanilla_d_loss
from ldm_nodes.training.loss_config import KLLossConfig, LossConfig, VQLossConfig
from ldm_nodes.training.lpips import LPIPS
from tests import golden

GROUP = "08_losses"
KL, CONDITIONAL, VQ = (
    golden.load(GROUP, name)
    for name in (
        "lpips_with_discriminator_kl",
        "lpips_with_discriminator_kl_conditional_actnorm",
        "vq_lpips_with_discriminator",
    )
)
RUNS = [
    pytest.param(case, run, id=f"{case.case}-{run['prefix']}")
    for case in (KL, CONDITIONAL, VQ)
    for run in case.manifest["runs"]
]


class Constant(nn.Module):
    """Stands where LPIPS would, as the golden data had it."""

    def __init__(self, distance: Tensor) -> None:
        super().__init__()
        self.distance = distance

    def forward(self, _x: Tensor, _y: Tensor) -> Tensor:
        return self.distance


def test_gan_losses() -> None:
    case = golden.load(GROUP, "gan_losses")
    real, fake = case.tensors["logits_real"], case.tensors["logits_fake"]
    case.assert_close("hinge", hinge_d_loss(real, fake))
    case.assert_close("vanilla", vanilla_d_loss(real, fake))
    case.assert_close("hinge_exemplar", hinge_d_loss(real, fake, case.tensors["weights"]))
    perplexity, cluster_use = codebook_usage(case.tensors["ids"], 16)
    case.assert_close("perplexity", perplexity)
    case.assert_close("cluster_use", cluster_use)
    for call in case.manifest["adopt_weight"]:
        config = LossConfig(disc_start=call["threshold"], disc_factor=call["weight"])
        assert config.factor(call["global_step"]) == call["result"]


def test_narrow_lpips() -> None:
    case = golden.load(GROUP, "lpips_narrow_vgg")
    network = LPIPS(case.manifest["config"]["widths"])
    network.load_state_dict(case.weights(), strict=True)
    x, y = case.tensors["x"], case.tensors["y"]
    case.assert_close("scaled_x", network.scaling_layer(x))
    for index, features in enumerate(network.net(network.scaling_layer(x))):
        case.assert_close(f"feat{index}.elem0", features[:1, :, :6, :6])
    case.assert_close("lpips", network(x, y))
    case.assert_close("lpips_self", network(x, x))


def test_linear_heads_at_full_width() -> None:
    case = golden.load(GROUP, "lpips_narrow_vgg")
    for index, head in enumerate(LPIPS().heads):
        f, g = (case.tensors[f"lin_full.{index}.f{which}"].float() for which in (0, 1))
        head.load_state_dict({"model.1.weight": case.tensors[f"lin_full.{index}.weight"]})
        case.assert_close(f"lin_full.{index}.out", head(f, g))


def hashed(s: int, shape: list[int], lo: float, hi: float) -> Tensor:
    """Return the golden data's portable weights: an integer hash of each place."""
    v = np.arange(int(np.prod(shape)), dtype=np.uint32) + np.uint32(s * 0x9E3779B9 & 0xFFFFFFFF)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        v = (v ^ (v >> np.uint32(shift))) * np.uint32(factor)
    u = (v ^ (v >> np.uint32(16))).astype(np.float64) / 2.0**32
    return torch.from_numpy((lo + (hi - lo) * u).astype(np.float32).reshape(shape))


def test_lpips_at_full_width() -> None:
    case = golden.load(GROUP, "lpips_full_hashed")
    weights = {
        entry["key"]: hashed(entry["s"], entry["shape"], entry["lo"], entry["hi"])
        for entry in case.manifest["hash_order"]
    }
    for name in ("net.slice1.0.weight", "net.slice5.28.bias", "lin4.model.1.weight"):
        case.assert_close(f"hash_check.{name}", weights[name].flatten()[:5])
    network = LPIPS()
    missing = network.load_state_dict(weights, strict=False)
    assert missing.missing_keys == ["scaling_layer.shift", "scaling_layer.scale"]
    assert not missing.unexpected_keys
    case.assert_close("lpips", network(case.tensors["x"], case.tensors["y"]))
    for index, features in enumerate(network.net(network.scaling_layer(case.tensors["x"]))):
        case.assert_close(f"feat{index}.channel_mean", features.mean(dim=(2, 3)))


@pytest.mark.parametrize("name", ["patchgan_batchnorm", "patchgan_actnorm"])
def test_discriminator(name: str) -> None:
    case = golden.load(GROUP, name)
    network = NLayerDiscriminator(**case.manifest["config"]["params"])
    network.load_state_dict(case.weights(), strict=True)
    network.train()
    x1, x2 = case.tensors["x1"], case.tensors["x2"]
    case.assert_close("train.out1", network(x1))
    for key in case.tensors:
        if key.startswith("after1."):
            case.assert_close(key, network.state_dict()[key.removeprefix("after1.")])
    case.assert_close("train.out2", network(x2))
    case.assert_close("eval.out1", network.eval()(x1))


def make_loss(case: golden.Golden, run: dict[str, Any]) -> KLLoss | VQLoss:
    params = {**case.manifest["config"]["params"], **run.get("overrides", {})}
    perceptual = Constant(case.tensors["perceptual"])
    loss: KLLoss | VQLoss
    if case is VQ:
        loss = VQLoss(VQLossConfig.from_params(params), perceptual)
    else:
        loss = KLLoss(KLLossConfig.from_params(params), perceptual)
    state = {key.removeprefix("discriminator."): value for key, value in case.weights().items()}
    loss.discriminator.load_state_dict(state, strict=True)
    return loss.train(run.get("train", True))


def reconstructed(case: golden.Golden, run: dict[str, Any], weight: Tensor) -> Reconstruction:
    pictures = F.conv2d(case.tensors["feat"], weight, case.tensors["last_bias"], padding=1)
    if case is VQ:
        ids = case.tensors["predicted_indices"] if run.get("ids") else None
        return Reconstruction(pictures, case.tensors["codebook_loss"], ids)
    return Reconstruction(pictures, DiagonalGaussian(case.tensors["moments"]).kl())


def evaluate(case: golden.Golden, run: dict[str, Any], loss: KLLoss | VQLoss, last_layer: Tensor) -> LossStep:
    x, reconstruction = case.tensors["inputs"], reconstructed(case, run, last_layer)
    cond = case.tensors["cond"] if run.get("cond") else None
    if run["idx"] == 1:
        return loss.discriminator_loss(x, reconstruction, run["step"], cond=cond)
    weights = case.tensors["weights_arg"] if run.get("weights") else None
    return loss.generator_loss(x, reconstruction, run["step"], last_layer, cond=cond, weights=weights)


@pytest.mark.parametrize(("case", "run"), RUNS)
def test_loss_steps(case: golden.Golden, run: dict[str, Any]) -> None:
    loss, last_layer = make_loss(case, run), case.tensors["last_weight"].clone().requires_grad_()
    with torch.set_grad_enabled(not run.get("no_grad", False)):
        step = evaluate(case, run, loss, last_layer)
    prefix = run["prefix"]
    case.assert_close(f"{prefix}.loss", step.loss)
    assert {name.split("/")[1] for name in run["logged"]} == step.scalars.keys()
    for name in run["logged"]:
        case.assert_close(f"{prefix}.log.{name}", step.scalars[name.split("/")[1]])
    check_gradients(case, prefix, step.loss, loss, last_layer)


def check_gradients(case: golden.Golden, prefix: str, total: Tensor, loss: KLLoss | VQLoss, last_layer: Tensor) -> None:
    first = loss.discriminator.main[0].weight
    assert isinstance(first, Tensor)
    if total.requires_grad:
        total.backward()  # type: ignore[no-untyped-call]
    if f"{prefix}.grad_last_layer" in case.tensors:
        assert last_layer.grad is not None
        assert first.grad is None  # the generator's step leaves the discriminator alone
        case.assert_close(f"{prefix}.grad_last_layer", last_layer.grad)
    if f"{prefix}.grad_disc_main0" in case.tensors:
        assert first.grad is not None
        assert last_layer.grad is None
        case.assert_close(f"{prefix}.grad_disc_main0", first.grad[:4])


def test_every_case_is_compared() -> None:
    compared = {"gan_losses", "lpips_narrow_vgg", "lpips_full_hashed", "patchgan_batchnorm", "patchgan_actnorm"}
    compared |= {case.case for case in (KL, CONDITIONAL, VQ)}
    assert compared == {path.stem for path in (golden.ROOT / GROUP).glob("*.json")}
