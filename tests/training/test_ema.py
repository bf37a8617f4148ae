from __future__ import annotations

import pytest
import torch
from torch import nn

from ldm_nodes.models.checkpoint import ema_key
from ldm_nodes.models.errors import WrongWeights
from ldm_nodes.training.ema import ExponentialAverage, warmed_up


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))


def nudge(net: nn.Module) -> None:
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(1.0)


def run_and_fail(average: ExponentialAverage, net: nn.Module, expected: dict[str, torch.Tensor]) -> None:
    with average.in_place_of(net):
        assert all(torch.equal(net.state_dict()[name], value) for name, value in expected.items())
        raise RuntimeError("in the block")


@pytest.mark.parametrize(
    ("updates", "kept"),
    [(1, 0.181818), (2, 0.25), (10, 0.55), (100, 0.918182), (1000, 0.991089), (10000, 0.999101), (89_990, 0.9999)],
)
def test_the_warm_up_has_the_published_values(updates: int, kept: float) -> None:
    assert warmed_up(0.9999, updates) == pytest.approx(kept, abs=5e-7)


def test_names_are_those_by_which_checkpoints_are_read() -> None:
    holder = nn.Module()
    holder.diffusion_model = network()
    stored = ExponentialAverage(holder).state_dict()
    names = [f"model.{name}" for name, _ in holder.named_parameters()]
    assert {f"model_ema.{name}" for name in stored} >= {ema_key(name) for name in names}


def test_the_averages_stand_in_and_the_weights_come_back() -> None:
    net = network()
    average = ExponentialAverage(net)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    nudge(net)
    trained = {name: value.clone() for name, value in net.state_dict().items()}
    with pytest.raises(RuntimeError, match="in the block"):
        run_and_fail(average, net, before)
    assert all(torch.equal(net.state_dict()[name], value) for name, value in trained.items())


def test_frozen_parameters_are_not_averaged() -> None:
    net = network()
    net[1].requires_grad_(False)
    assert list(ExponentialAverage(net).state_dict()) == ["decay", "num_updates", "0weight", "0bias"]


def test_a_stored_average_continues_as_if_it_had_never_stopped() -> None:
    net, other = network(), network()
    average, straight = ExponentialAverage(net, 0.9), ExponentialAverage(net, 0.9)
    average.update(other)
    straight.update(other)
    resumed = ExponentialAverage(network(), 0.9)
    resumed.load_state_dict(average.state_dict())
    for one in (resumed, straight):
        one.update(net)
    assert resumed.decay == straight.decay == 0.9
    for name, value in straight.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value), name


def test_another_decay_in_the_file_is_taken() -> None:
    stored = ExponentialAverage(network(), 0.5, warm_up=False).state_dict()
    average = ExponentialAverage(network(), 0.9)
    average.load_state_dict(stored)
    assert average.decay == 0.5
    assert average.updates is None


def test_an_average_of_another_network_is_refused_whole() -> None:
    average = ExponentialAverage(network())
    stored = average.state_dict()
    with pytest.raises(WrongWeights, match="lacks 0weight"):
        average.load_state_dict({name: value for name, value in stored.items() if name != "0weight"})
    with pytest.raises(WrongWeights, match=r"1.bias has shape \(2,\), expected \(1,\)"):
        average.load_state_dict({**stored, "0weight": torch.zeros(3, 2), "1bias": torch.zeros(2)})
    assert torch.equal(average.state_dict()["0weight"], network().state_dict()["0.weight"])
    with pytest.raises(ValueError, match="not the network"):
        average.update(network()[0])


def test_a_decay_outside_0_to_1_is_refused() -> None:
    with pytest.raises(ValueError, match=r"decay of an average is 1\.5"):
        ExponentialAverage(network(), 1.5)


def test_names_that_become_equal_without_dots_are_refused() -> None:
    net = nn.Module()
    net.a = nn.Module()
    net.a.b = nn.Parameter(torch.zeros(1))
    net.register_parameter("ab", nn.Parameter(torch.zeros(1)))
    with pytest.raises(ValueError, match="same name without dots"):
        ExponentialAverage(net)
