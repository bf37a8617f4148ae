from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from ldm_nodes.sampling.noise_schedule import BETA_SCHEDULES, NoiseSchedule
from ldm_nodes.training.diffusion import Draws, Objective, diffusion_loss, draw, min_snr_weights, scale_of
from ldm_nodes.training.shard import Shard

if TYPE_CHECKING:
    from ldm_nodes.sampling.denoiser import Prediction

SCHEDULE = NoiseSchedule.named("linear", 50)
SHAPE = (4, 2, 3, 3)


def inputs() -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    draws = draw(generator, SHAPE, len(SCHEDULE), posterior=True)
    assert draws.posterior is not None
    return draws.posterior, draws.t, draws.noise


@pytest.mark.parametrize("name", BETA_SCHEDULES)
@pytest.mark.parametrize("prediction", ["eps", "x0", "v"])
def test_a_network_that_is_right_has_no_loss(name: str, prediction: str) -> None:
    schedule = NoiseSchedule.named(name, 50)
    x0, t, noise = inputs()
    objective = Objective(prediction, elbo_weight=0.5)  # type: ignore[arg-type]

    def knows(x: Tensor, t: Tensor) -> Tensor:
        return {"eps": noise, "x0": x0, "v": schedule.v_target(x0, t, noise)}[prediction]

    loss = diffusion_loss(knows, schedule, objective, x0, t, noise, logvar=torch.zeros(50))
    assert loss.total == 0
    assert loss.named().keys() == {"loss", "loss_simple", "loss_vlb", "loss_gamma"}


def test_the_network_sees_the_diffused_sample() -> None:
    x0, t, noise = inputs()
    a = SCHEDULE.alphas_cumprod[t].view(-1, 1, 1, 1)
    seen: list[Tensor] = []

    def network(x: Tensor, t: Tensor) -> Tensor:
        seen.extend((x, t))
        return torch.zeros_like(x)

    loss = diffusion_loss(network, SCHEDULE, Objective(), x0, t, noise)
    torch.testing.assert_close(seen[0], a.sqrt() * x0 + (1 - a).sqrt() * noise)
    assert torch.equal(seen[1], t)
    torch.testing.assert_close(loss.errors, (noise**2).mean(dim=(1, 2, 3)))


@pytest.mark.parametrize("prediction", ["eps", "x0", "v"])
@pytest.mark.parametrize("distance", ["l1", "l2"])
def test_gradients(prediction: str, distance: str) -> None:
    schedule = NoiseSchedule.named("cosine", 50)
    x0, t, noise = (value.double() if value.is_floating_point() else value for value in inputs())
    objective = Objective(prediction, distance, 0.7, 0.2, min_snr_gamma=5.0)  # type: ignore[arg-type]

    def loss(weight: Tensor, logvar: Tensor) -> Tensor:
        return diffusion_loss(lambda x, t: weight * x, schedule, objective, x0, t, noise, logvar).total

    weight = torch.full((2, 1, 1), 0.3, dtype=torch.float64, requires_grad=True)
    logvar = torch.linspace(-0.5, 0.5, 50, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(loss, (weight, logvar))


def test_a_learned_variance_settles_at_the_error() -> None:
    """The minimum of e / exp(v) + v over v is at exp(v) = e."""
    x0, t, noise = inputs()
    logvar = torch.zeros(50, requires_grad=True)
    optimizer = torch.optim.LBFGS([logvar], max_iter=100)

    def network(x: Tensor, t: Tensor) -> Tensor:
        return noise + 3.0

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = diffusion_loss(network, SCHEDULE, Objective(), x0, t, noise, logvar).total
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    torch.testing.assert_close(logvar.detach()[t], torch.full((4,), math.log(9.0)), atol=1e-3, rtol=0)


def test_min_snr_weights_are_the_same_error_of_x0_whatever_is_predicted() -> None:
    """A wrong x0 has a wrong eps and a wrong v; weighted, all three cost the same (arXiv 2303.09556 §3.4)."""
    x0, t, noise = inputs()
    x = SCHEDULE.q_sample(x0, t, noise)
    guess = x0 + 0.1 * torch.randn(SHAPE, generator=torch.Generator().manual_seed(1))
    eps = SCHEDULE.predict_noise_from_start(x, t, guess)
    outputs: dict[Prediction, Tensor] = {"x0": guess, "eps": eps, "v": SCHEDULE.v_target(guess, t, eps)}
    losses = []
    for name, out in outputs.items():
        objective = Objective(name, min_snr_gamma=5.0)
        losses.append(diffusion_loss(lambda *_, out=out: out, SCHEDULE, objective, x0, t, noise).total)
    torch.testing.assert_close(losses[1], losses[0], rtol=1e-3, atol=1e-6)
    torch.testing.assert_close(losses[2], losses[0], rtol=1e-3, atol=1e-6)


def test_min_snr_leaves_noisy_steps_alone() -> None:
    schedule = NoiseSchedule.stable_diffusion()
    weights = min_snr_weights(schedule, "eps", 5.0)
    snr = schedule.alphas_cumprod / (1 - schedule.alphas_cumprod)
    assert torch.equal(weights[snr < 5], torch.ones_like(weights[snr < 5]))
    torch.testing.assert_close((weights * snr)[snr > 5], torch.full_like(snr[snr > 5], 5.0))


def test_reported_parts_are_not_weighted() -> None:
    x0, t, noise = inputs()
    plain = diffusion_loss(lambda x, t: x, SCHEDULE, Objective(), x0, t, noise)
    weighted = diffusion_loss(lambda x, t: x, SCHEDULE, Objective(simple_weight=3, min_snr_gamma=1), x0, t, noise)
    assert torch.equal(plain.simple, weighted.simple)
    assert torch.equal(plain.vlb, weighted.vlb)
    assert plain.total != weighted.total


def test_draws_are_those_of_the_original_in_order() -> None:
    torch.manual_seed(7)
    posterior, t, noise = torch.randn(SHAPE), torch.randint(0, 50, (4,)), torch.randn(SHAPE)
    ours = draw(torch.Generator().manual_seed(7), SHAPE, 50, posterior=True, dropout=0.5)
    assert ours.posterior is not None
    assert torch.equal(ours.posterior, posterior)
    assert torch.equal(ours.t, t)
    assert torch.equal(ours.noise, noise)
    torch.manual_seed(7)
    without = draw(torch.Generator().manual_seed(7), SHAPE, 50, posterior=False)
    assert without.posterior is None
    assert torch.equal(without.t, torch.randint(0, 50, (4,)))
    assert not without.dropped.any()


def test_conditions_are_dropped_at_the_asked_rate() -> None:
    dropped = draw(torch.Generator().manual_seed(0), (20_000, 1, 1, 1), 50, posterior=False, dropout=0.1).dropped
    assert dropped.float().mean().item() == pytest.approx(0.1, abs=0.01)


def test_processes_share_the_draws_of_one() -> None:
    whole = draw(torch.Generator().manual_seed(3), SHAPE, 50, posterior=True, dropout=0.5)
    parts = [whole.part(Shard(rank, 2)) for rank in range(2)]
    assert [len(part.t) for part in parts] == [2, 2]
    for name in vars(whole):
        assert torch.equal(torch.cat([getattr(part, name) for part in parts]), getattr(whole, name))
    assert isinstance(whole.to("cpu"), Draws)


def test_a_batch_that_cannot_be_shared_is_refused() -> None:
    with pytest.raises(ValueError, match="batch of 5 cannot be shared equally by 2 processes"):
        Shard(0, 2).rows(5)
    with pytest.raises(ValueError, match="Process 2 of 2"):
        Shard(2, 2)


def test_scale_gives_unit_deviation() -> None:
    latents = 3.7 * torch.randn(8, 4, 5, 5, generator=torch.Generator().manual_seed(0)) + 1
    assert (latents * scale_of(latents)).std().item() == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("latents", [torch.ones(2, 1, 2, 2), torch.full((2, 1, 2, 2), math.nan)])
def test_latents_without_a_scale_are_refused(latents: Tensor) -> None:
    with pytest.raises(ValueError, match="no scale can be measured"):
        scale_of(latents)


@pytest.mark.parametrize(
    "wrong", [{"prediction": "x1"}, {"distance": "l3"}, {"min_snr_gamma": 0.0}], ids=lambda wrong: next(iter(wrong))
)
def test_objectives_that_do_not_exist(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="expected"):
        Objective(**wrong)  # type: ignore[arg-type]
