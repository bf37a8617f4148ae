"""The first stage's losses: what reaches whom, before and after the adversary enters; one batch learned by heart."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ldm_nodes.models.autoencoder import AutoencoderKL, VQModel
from ldm_nodes.models.config import AutoencoderConfig
from ldm_nodes.training.autoencoder import (
    KLLoss,
    LossStep,
    Reconstruction,
    VQLoss,
    adaptive_weight,
    codebook_usage,
    last_layer,
    make_optimizers,
    reconstruct,
)
from ldm_nodes.training.loss_config import KLLossConfig, VQLossConfig
from ldm_nodes.training.lpips import random_lpips

START = 10
SMALL: dict[str, Any] = {"disc_start": START, "disc_num_layers": 1, "disc_ndf": 4}
KINDS = ["kl", "vq"]
WEIGHTS: dict[str, dict[str, Any]] = {"kl": {"kl_weight": 1e-6}, "vq": {"n_classes": 32}}


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def make_loss(kind: str, perceptual: torch.nn.Module | None = None, **options: Any) -> KLLoss | VQLoss:
    torch.manual_seed(0)
    if kind == "kl":
        return KLLoss(KLLossConfig(**SMALL, **options), perceptual)
    return VQLoss(VQLossConfig(**SMALL, **options), perceptual)


def make_model(kind: str) -> AutoencoderKL | VQModel:
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"embed_dim": 4, "z_channels": 4, "ch": 32, "ch_mult": (1, 1), "num_res_blocks": 1}
    if kind == "kl":
        return AutoencoderKL(AutoencoderConfig(**sizes, attn_type="none"))
    return VQModel(AutoencoderConfig(**sizes, attn_type="none", double_z=False, n_embed=32))


def decoded(weight: Tensor, seed: int = 2) -> Reconstruction:
    """Return pictures as a decoder's last layer makes them."""
    return Reconstruction(
        F.conv2d(normal(2, 5, 8, 8, seed=seed, dtype=weight.dtype), weight, padding=1), weight.new_ones(2)
    )


def gradient(loss: KLLoss | VQLoss, step: int) -> Tensor:
    """Return the gradient of the generator's loss on the last layer."""
    weight = normal(3, 5, 3, 3, seed=1).requires_grad_()
    found = loss.generator_loss(normal(2, 3, 8, 8), decoded(weight), step, weight)
    (grad,) = torch.autograd.grad(found.loss, weight)
    return grad


@pytest.mark.parametrize("kind", KINDS)
def test_before_its_start_the_adversary_pulls_at_nothing(kind: str) -> None:
    alone = make_loss(kind, disc_factor=0.0)
    assert torch.equal(gradient(make_loss(kind), START - 1), gradient(alone, START - 1))
    assert not torch.equal(gradient(make_loss(kind), START), gradient(alone, START))


@pytest.mark.parametrize("kind", KINDS)
def test_from_its_start_it_pulls_as_hard_as_the_likeness(kind: str) -> None:
    likeness = gradient(make_loss(kind), START - 1)
    pull = gradient(make_loss(kind), START) - likeness
    assert pull.norm().item() == pytest.approx(likeness.norm().item(), rel=1e-2)
    half = gradient(make_loss(kind, disc_weight=0.5), START) - likeness
    torch.testing.assert_close(half, pull / 2, rtol=1e-3, atol=1e-3 * pull.abs().max().item())


def test_the_adaptive_weight_is_the_ratio_of_two_gradients() -> None:
    weight = torch.tensor([1.0, 2.0], requires_grad=True)
    ratio = adaptive_weight((3 * weight).sum(), (weight * torch.tensor([0.0, 4.0])).sum(), weight)
    assert ratio.item() == pytest.approx(18**0.5 / (4 + 1e-4))
    assert not ratio.requires_grad


def test_the_adaptive_weight_is_bounded() -> None:
    weight = torch.ones(2, requires_grad=True)
    assert adaptive_weight((5 * weight).sum(), (0 * weight).sum(), weight) == 1e4
    assert adaptive_weight((0 * weight).sum(), (5 * weight).sum(), weight) == 0


@pytest.mark.parametrize("step", [START - 1, START])
@pytest.mark.parametrize("kind", KINDS)
def test_skipping_the_adversary_until_its_start_changes_no_gradient(kind: str, step: int) -> None:
    assert torch.equal(gradient(make_loss(kind, skip_until_start=True), step), gradient(make_loss(kind), step))


@pytest.mark.parametrize("kind", KINDS)
def test_a_skipped_adversary_is_logged_as_zero_and_left_as_it_was(kind: str) -> None:
    loss, weight = make_loss(kind, skip_until_start=True), normal(3, 5, 3, 3).requires_grad_()
    before = {name: value.clone() for name, value in loss.discriminator.state_dict().items()}
    found = loss.generator_loss(normal(2, 3, 8, 8), decoded(weight), START - 1, weight)
    assert all(found.scalars[name] == 0 for name in ("d_weight", "disc_factor", "g_loss"))
    assert all(torch.equal(value, before[name]) for name, value in loss.discriminator.state_dict().items())


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_the_derivatives(kind: str) -> None:
    loss = make_loss(kind, random_lpips(0, (2, 2, 2, 2, 2)), skip_until_start=True).double()
    x, weight = normal(1, 3, 16, 16, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)

    def total(pictures: Tensor, regularizer: Tensor) -> Tensor:
        return loss.generator_loss(x, Reconstruction(pictures, regularizer), 0, weight).loss

    pictures = normal(1, 3, 16, 16, seed=1, dtype=torch.float64).requires_grad_()
    regularizer = torch.ones(1, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(total, (pictures, regularizer), fast_mode=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_adversarial_gradient_holds_the_adaptive_weight_constant(kind: str) -> None:
    loss, weight = make_loss(kind).double(), normal(3, 5, 3, 3, dtype=torch.float64).requires_grad_()
    x, reconstruction = normal(2, 3, 8, 8, dtype=torch.float64), decoded(weight)
    found = loss.generator_loss(x, reconstruction, START, weight)
    g_loss = -loss.discriminator(reconstruction.pictures).mean()
    likeness = loss.generator_loss(x, reconstruction, 0, weight).loss
    expected = torch.autograd.grad(likeness + found.scalars["d_weight"] * g_loss, weight, retain_graph=True)[0]
    torch.testing.assert_close(torch.autograd.grad(found.loss, weight)[0], expected)


@pytest.mark.parametrize("kind", KINDS)
def test_each_step_reaches_its_own_parameters_only(kind: str) -> None:
    model, loss, x = make_model(kind), make_loss(kind), normal(2, 3, 8, 8)
    loss.generator_loss(x, reconstruct(model, x), START, last_layer(model)).loss.backward()  # type: ignore[no-untyped-call]
    assert all(parameter.grad is not None for parameter in model.parameters())
    assert all(parameter.grad is None for parameter in loss.discriminator.parameters())
    model.zero_grad()
    loss.discriminator_loss(x, reconstruct(model, x), START).loss.backward()  # type: ignore[no-untyped-call]
    assert all(parameter.grad is None for parameter in model.parameters())
    assert all(parameter.grad is not None for parameter in loss.discriminator.parameters())


def test_the_discriminator_stays_trainable_when_its_judgement_fails() -> None:
    loss, weight = make_loss("kl"), normal(3, 5, 3, 3).requires_grad_()
    tiny = Reconstruction(F.conv2d(normal(2, 5, 4, 4), weight, padding=1), torch.ones(2))
    with pytest.raises(ValueError, match="at least 6 pixels"):
        loss.generator_loss(normal(2, 3, 4, 4), tiny, START, weight)
    assert all(parameter.requires_grad for parameter in loss.discriminator.parameters())


def test_before_the_start_the_discriminator_learns_nothing() -> None:
    loss, reconstruction = make_loss("kl"), decoded(normal(3, 5, 3, 3))
    found = loss.discriminator_loss(normal(2, 3, 8, 8), reconstruction, START - 1)
    found.loss.backward()  # type: ignore[no-untyped-call]
    assert found.loss == 0
    assert all(parameter.grad is not None and not parameter.grad.any() for parameter in loss.discriminator.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_logged_carries_no_gradient(kind: str) -> None:
    loss, weight = make_loss(kind), normal(3, 5, 3, 3).requires_grad_()
    steps: list[LossStep] = [
        loss.generator_loss(normal(2, 3, 8, 8), decoded(weight), START, weight),
        loss.discriminator_loss(normal(2, 3, 8, 8), decoded(weight), START),
    ]
    for step in steps:
        assert step.loss.requires_grad
        assert all(value.shape == () and not value.requires_grad for value in step.scalars.values())


def test_training_without_gradients_is_an_error_and_validation_is_not() -> None:
    loss, reconstruction = make_loss("kl"), decoded(normal(3, 5, 3, 3))
    with pytest.raises(ValueError, match=r"call eval\(\)"):
        loss.generator_loss(normal(2, 3, 8, 8), reconstruction, START, torch.zeros(1))
    found = loss.eval().generator_loss(normal(2, 3, 8, 8), reconstruction, START, torch.zeros(1))
    assert found.scalars["d_weight"] == 0


@pytest.mark.parametrize(("conditional", "given", "said"), [(True, False, "missing"), (False, True, "given")])
def test_conditions_go_with_a_conditional_discriminator(conditional: bool, given: bool, said: str) -> None:
    loss = make_loss("kl", disc_conditional=conditional, disc_in_channels=4)
    cond = normal(2, 1, 8, 8) if given else None
    with pytest.raises(ValueError, match=f"disc_conditional is {conditional}, but a condition is {said}"):
        loss.discriminator_loss(normal(2, 3, 8, 8), decoded(normal(3, 5, 3, 3)), START, cond=cond)


def test_a_condition_is_judged_with_the_picture() -> None:
    loss = make_loss("vq", disc_conditional=True, disc_in_channels=4)
    x, reconstruction = normal(2, 3, 8, 8), decoded(normal(3, 5, 3, 3))
    first, second = (
        loss.discriminator_loss(x, reconstruction, START, cond=normal(2, 1, 8, 8, seed=seed)).loss for seed in (0, 1)
    )
    assert first != second


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_perceptual_network_its_weight_is_zero(kind: str) -> None:
    network = random_lpips(0, (2, 2, 2, 2, 2))
    x, pictures = normal(2, 3, 16, 16), normal(2, 3, 16, 16, seed=1)
    reconstruction = Reconstruction(pictures, torch.ones(2))
    absent, unweighted, present = (
        make_loss(kind, given, perceptual_weight=weight).eval().generator_loss(x, reconstruction, 0, x).loss
        for given, weight in ((None, 1.0), (network, 0.0), (network, 1.0))
    )
    assert absent == unweighted
    share = x.numel() / len(x) if kind == "kl" else 1
    torch.testing.assert_close(present - absent, share * network(x, pictures).mean(), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_mask_the_likeness(kind: str) -> None:
    loss, x, mask = make_loss(kind).eval(), normal(2, 3, 8, 8), torch.zeros(1, 1, 8, 8)
    mask[..., :4] = 1
    pictures = torch.where(mask > 0, x, normal(2, 3, 8, 8, seed=1))
    found = loss.generator_loss(x, Reconstruction(pictures, torch.zeros(2)), 0, x, weights=mask)
    assert found.loss == 0
    assert found.scalars["nll_loss"] > 0


def test_codebook_usage() -> None:
    perplexity, usage = codebook_usage(torch.arange(8).repeat(3), 16)
    assert perplexity.item() == pytest.approx(8)
    assert usage == 8
    perplexity, usage = codebook_usage(torch.full((2, 3, 3), 5), 16)
    assert perplexity.item() == pytest.approx(1)
    assert usage == 1


def test_a_vq_reconstruction_carries_the_quantisers_loss_and_ids() -> None:
    model, x = make_model("vq"), normal(2, 3, 8, 8)
    assert isinstance(model, VQModel)
    made, (latent, loss, ids) = reconstruct(model, x), model.encode(x)
    assert torch.equal(made.regularizer, loss)
    assert torch.equal(made.pictures, model.decode(latent))
    assert made.indices is not None
    assert torch.equal(made.indices, ids)
    found = make_loss("vq", n_classes=32, codebook_weight=2.0).eval().generator_loss(x, made, 0, last_layer(model))
    torch.testing.assert_close(found.loss, found.scalars["nll_loss"] + 2 * loss)
    assert found.scalars["cluster_usage"] == len(set(ids.tolist()))


def test_a_kl_reconstruction_is_a_draw() -> None:
    model, x = make_model("kl"), normal(2, 3, 8, 8)
    same, again, other = (reconstruct(model, x, torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(same.pictures, again.pictures)
    assert not torch.equal(same.pictures, other.pictures)
    assert torch.equal(same.regularizer, other.regularizer)
    assert same.indices is None


def test_optimizers_share_nothing_and_leave_logvar_alone() -> None:
    model, loss = make_model("vq"), make_loss("kl")
    generator, discriminator = make_optimizers(model, loss, lr=1e-3, lr_g_factor=2.0)
    trained = [{id(p) for group in o.param_groups for p in group["params"]} for o in (generator, discriminator)]
    assert trained[0] == {id(parameter) for parameter in model.parameters()}
    assert trained[1] == {id(parameter) for parameter in loss.discriminator.parameters()}
    assert [o.param_groups[0]["lr"] for o in (generator, discriminator)] == [2e-3, 1e-3]
    assert all(o.param_groups[0]["betas"] == (0.5, 0.9) for o in (generator, discriminator))


def test_state_has_the_names_of_the_originals_files() -> None:
    names = set(make_loss("kl", random_lpips(0, (2, 2, 2, 2, 2))).state_dict())
    assert {"logvar", "perceptual_loss.net.slice1.0.weight", "discriminator.main.0.weight"} <= names


@pytest.mark.parametrize("kind", KINDS)
def test_both_steps_run_in_bfloat16(kind: str) -> None:
    model, loss, x = make_model(kind), make_loss(kind), normal(2, 3, 8, 8)
    exact = loss.generator_loss(x, reconstruct(model, x, torch.Generator().manual_seed(0)), START, last_layer(model))
    with torch.autocast("cpu", torch.bfloat16):
        made = reconstruct(model, x, torch.Generator().manual_seed(0))
        found = loss.generator_loss(x, made, START, last_layer(model))
        judged = loss.discriminator_loss(x, made, START)
    assert found.loss.dtype == torch.float32
    assert found.scalars["nll_loss"].item() == pytest.approx(exact.scalars["nll_loss"].item(), rel=0.02)
    assert judged.loss.isfinite()


@pytest.mark.parametrize("kind", KINDS)
def test_one_batch_is_learned_by_heart(kind: str) -> None:
    model, loss = make_model(kind), make_loss(kind, disc_weight=0.1, skip_until_start=True, **WEIGHTS[kind])
    generator, discriminator = make_optimizers(model, loss, lr=3e-3)
    x = F.interpolate(2 * torch.rand(2, 3, 4, 4) - 1, size=8)
    errors, judgements = [], []
    for step in range(60):
        found = loss.generator_loss(x, reconstruct(model, x), step, last_layer(model))
        generator.zero_grad()
        found.loss.backward()  # type: ignore[no-untyped-call]
        generator.step()
        errors.append(found.scalars["rec_loss"].item())
        if loss.config.judges(step):
            judged = loss.discriminator_loss(x, reconstruct(model, x), step)
            discriminator.zero_grad()
            judged.loss.backward()  # type: ignore[no-untyped-call]
            discriminator.step()
            judgements.append(judged.loss.item())
    assert errors[-1] < 0.2 * errors[0]
    assert len(judgements) == 60 - START
    assert all(value < 2 for value in judgements)
