"""The running average of weights, against LitEma of the original code."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from ldm_nodes.training.ema import ExponentialAverage
from tests.golden import load

EMA = load("06_ema", "lit_ema")
NAMES = ["block.0.weight", "block.0.bias", "block.1.weight", "block.1.bias", "norm.weight", "norm.bias"]


def network_at(step: int) -> nn.Module:
    """Return the network with the weights of a step, and one frozen parameter."""
    values = {
        name: EMA.tensors[f"step0.{name}"] if step == 0 else EMA.tensors[f"steps.{name}"][step - 1] for name in NAMES
    }
    network = nn.Module()
    network.block = nn.Sequential(nn.Module(), nn.Module())
    network.norm = nn.Module()
    for name, value in values.items():
        owner, _, leaf = name.rpartition(".")
        network.get_submodule(owner).register_parameter(leaf, nn.Parameter(value.clone()))
    network.frozen = nn.Parameter(torch.ones(2), requires_grad=False)
    return network


@pytest.mark.parametrize("run", EMA.manifest["runs"], ids=lambda run: run["prefix"])
def test_averages_after_some_updates(run: dict[str, Any]) -> None:
    average = ExponentialAverage(network_at(0), run["decay"], warm_up=run["use_num_upates"])
    for step in range(1, max(run["recorded_after_calls"]) + 1):
        average.update(network_at(step))
        if step in run["recorded_after_calls"]:
            state = average.state_dict()
            assert list(state) == run["state_dict_keys"]
            for name, value in state.items():
                EMA.assert_close(f"{run['prefix']}.k{step}.{name}", value)
