"""The discriminator: sizes, names, first weights, ActNorm's first batch, and its two losses."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ldm_nodes.training.discriminator import ActNorm, NLayerDiscriminator, hinge_d_loss, vanilla_d_loss


def normal(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


@pytest.mark.parametrize(("n_layers", "side", "parameters"), [(3, 30, 2_765_633), (2, 62, 663_361)])
def test_released_sizes(n_layers: int, side: int, parameters: int) -> None:
    network = NLayerDiscriminator(n_layers=n_layers).eval()
    assert sum(parameter.numel() for parameter in network.parameters()) == parameters
    with torch.no_grad():
        assert network(torch.zeros(1, 3, 256, 256)).shape == (1, 1, side, side)


def test_names_are_the_originals() -> None:
    convolutions = {name for name, part in NLayerDiscriminator().named_modules() if isinstance(part, nn.Conv2d)}
    norms = {name for name, part in NLayerDiscriminator().named_modules() if isinstance(part, nn.BatchNorm2d)}
    assert convolutions == {"main.0", "main.2", "main.5", "main.8", "main.11"}
    assert norms == {"main.3", "main.6", "main.9"}


def test_width_grows_up_to_eight_times() -> None:
    convolutions = [part for part in NLayerDiscriminator(ndf=2, n_layers=5).main if isinstance(part, nn.Conv2d)]
    assert [part.out_channels for part in convolutions] == [2, 4, 8, 16, 16, 16, 1]
    assert [part.stride[0] for part in convolutions] == [2, 2, 2, 2, 2, 1, 1]


@pytest.mark.parametrize("use_actnorm", [False, True])
def test_convolutions_have_biases_unless_a_batch_norm_follows(use_actnorm: bool) -> None:
    convolutions = [part for part in NLayerDiscriminator(use_actnorm=use_actnorm).main if isinstance(part, nn.Conv2d)]
    assert [part.bias is not None for part in convolutions] == [True, *[use_actnorm] * 3, True]


def test_first_weights() -> None:
    torch.manual_seed(0)
    network = NLayerDiscriminator()
    for layer in network.main:
        if isinstance(layer, nn.Conv2d) and layer.weight.numel() > 10_000:
            assert layer.weight.std().item() == pytest.approx(0.02, rel=0.03)
        elif isinstance(layer, nn.BatchNorm2d):
            assert layer.weight.mean().item() == pytest.approx(1.0, abs=0.01)
            assert layer.weight.std().item() == pytest.approx(0.02, rel=0.3)
            assert not layer.bias.any()


@pytest.mark.parametrize("n_layers", [1, 2, 3, 4])
def test_the_smallest_picture(n_layers: int) -> None:
    network = NLayerDiscriminator(ndf=2, n_layers=n_layers).eval()
    side = network.smallest
    assert network(torch.zeros(1, 3, side, side)).shape == (1, 1, 1, 1)
    with pytest.raises(ValueError, match=f"at least {side} pixels a side; got .*{side - 1}"):
        network(torch.zeros(1, 3, side, side - 1))


def test_other_channels_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(B, 5, height, width\)"):
        NLayerDiscriminator(input_nc=5)(torch.zeros(1, 3, 64, 64))


@pytest.mark.parametrize("use_actnorm", [False, True])
def test_gradients_are_the_derivatives(use_actnorm: bool) -> None:
    torch.manual_seed(0)
    network = NLayerDiscriminator(ndf=2, n_layers=1, use_actnorm=use_actnorm).double().train()
    x = normal(2, 3, 8, 8, dtype=torch.float64).requires_grad_()
    network(x)  # ActNorm measures its first batch outside the graph
    assert torch.autograd.gradcheck(network, (x,))


def test_actnorm_normalises_its_first_batch_and_keeps_to_it() -> None:
    layer, x = ActNorm(3).train(), 2 * normal(4, 3, 5, 5) + 7
    y = layer(x)
    assert torch.allclose(y.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(y.transpose(0, 1).flatten(1).std(dim=1), torch.ones(3), atol=1e-5)
    torch.testing.assert_close(layer(x + 1) - y, layer.scale.expand_as(y))


def test_actnorm_measures_nothing_outside_training() -> None:
    layer, x = ActNorm(3).eval(), normal(4, 3, 5, 5)
    assert torch.equal(layer(x), x)
    assert not layer.initialized.item()


def test_actnorm_remembers_that_it_has_measured() -> None:
    first, second = ActNorm(3).train(), ActNorm(3).train()
    first(normal(4, 3, 5, 5))
    second.load_state_dict(first.state_dict())
    second(100 * normal(4, 3, 5, 5, seed=1))
    assert torch.equal(second.scale, first.scale)


def test_actnorm_needs_more_than_one_value() -> None:
    with pytest.raises(ValueError, match="one value per channel"):
        ActNorm(3).train()(torch.zeros(1, 3, 1, 1))


def test_hinge_loss_rests_beyond_the_margins() -> None:
    real, fake = torch.full((2, 1, 3, 3), 1.5), torch.full((2, 1, 3, 3), -2.0)
    assert hinge_d_loss(real, fake) == 0
    assert hinge_d_loss(fake, real) == 0.5 * (3.0 + 2.5)


def test_vanilla_loss_is_the_cross_entropy() -> None:
    real, fake = normal(2, 1, 3, 3), normal(2, 1, 3, 3, seed=1)
    expected = F.binary_cross_entropy_with_logits(real, torch.ones_like(real))
    expected = expected + F.binary_cross_entropy_with_logits(fake, torch.zeros_like(fake))
    torch.testing.assert_close(vanilla_d_loss(real, fake), expected / 2)


@pytest.mark.parametrize("loss", [hinge_d_loss, vanilla_d_loss])
def test_losses_push_the_logits_apart(loss: object) -> None:
    assert callable(loss)
    real, fake = (torch.zeros(2, 1, 3, 3, requires_grad=True) for _ in range(2))
    loss(real, fake).backward()
    assert real.grad is not None
    assert fake.grad is not None
    assert (real.grad < 0).all()
    assert (fake.grad > 0).all()


def test_a_picture_of_weight_zero_does_not_count() -> None:
    real, fake = normal(3, 1, 4, 4), normal(3, 1, 4, 4, seed=1)
    weighted = hinge_d_loss(real, fake, torch.tensor([1.0, 1.0, 0.0]))
    torch.testing.assert_close(weighted, hinge_d_loss(real[:2], fake[:2]))
