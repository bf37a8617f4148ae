"""Hypernetworks: the files of the web UI, by the layers that they describe, and their place in the UNet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from ldm_nodes.engine.context import Context
from ldm_nodes.models.errors import UnknownFamily
from ldm_nodes.models.hypernetwork import read_hypernetwork
from ldm_nodes.nodes.hypernetworks import hypernetwork_loader
from ldm_nodes.nodes.loaders import checkpoint_loader_simple
from ldm_nodes.nodes.runtime import Runtime
from tests.fakes.checkpoints import save_checkpoints

WIDTH = 64


def module(*layers: nn.Module) -> nn.Module:
    """Return layers as the trainer keeps them, under `linear`."""
    torch.manual_seed(len(layers))
    made = nn.Module()
    made.linear = nn.Sequential(*layers)
    return made


def save(path: Path, keys: nn.Module, values: nn.Module, **about: Any) -> Path:
    contents: dict[Any, Any] = {WIDTH: [keys.state_dict(), values.state_dict()], "name": "tiny", "step": 3, **about}
    torch.save(contents, path)
    return path


@pytest.mark.parametrize(
    ("name", "activation"), [("relu", nn.ReLU()), ("swish", nn.Hardswish()), ("tanh", nn.Tanh()), ("mish", nn.Mish())]
)
def test_layers_are_those_of_the_trainer(tmp_path: Path, name: str, activation: nn.Module) -> None:
    layers = nn.Linear(WIDTH, 2 * WIDTH), activation, nn.LayerNorm(2 * WIDTH), nn.Linear(2 * WIDTH, WIDTH)
    keys, values = module(*layers), module(nn.Linear(WIDTH, WIDTH))
    path = save(tmp_path / "h.pt", keys, values, activation_func=name, layer_structure=[1, 2, 1])
    n, context = torch.randn(1, 3, WIDTH), torch.randn(1, 5, WIDTH)
    got = read_hypernetwork(path).patch(0.5)(n, context, context, {})
    assert got[0] is n
    torch.testing.assert_close(got[1], context + 0.5 * keys.linear(context))  # type: ignore[operator]
    torch.testing.assert_close(got[2], context + 0.5 * values.linear(context))  # type: ignore[operator]


def test_the_output_can_be_activated(tmp_path: Path) -> None:
    layers = module(nn.Linear(WIDTH, WIDTH))
    path = save(tmp_path / "h.pt", layers, layers, activation_func="relu", activate_output=True)
    x = torch.randn(1, 5, WIDTH)
    got = read_hypernetwork(path).patch(1.0)(x, x, x, {})[1]
    torch.testing.assert_close(got, x + layers.linear(x).relu())  # type: ignore[operator]


def test_contexts_of_other_widths_pass(tmp_path: Path) -> None:
    layers = module(nn.Linear(WIDTH, WIDTH))
    x = torch.randn(1, 5, 32)
    assert read_hypernetwork(save(tmp_path / "h.pt", layers, layers)).patch(1.0)(x, x, x, {}) == (x, x, x)


def test_unknown_activations_and_other_files_are_named(tmp_path: Path) -> None:
    layers = module(nn.Linear(WIDTH, WIDTH))
    with pytest.raises(UnknownFamily, match="the activation 'cube'; known are linear, relu"):
        read_hypernetwork(save(tmp_path / "h.pt", layers, layers, activation_func="cube"))
    torch.save({"weight": torch.ones(1)}, tmp_path / "x.pt")
    with pytest.raises(UnknownFamily, match=r"x\.pt holds no hypernetwork"):
        read_hypernetwork(tmp_path / "x.pt")


def test_the_node_changes_keys_and_values_of_a_copy(runtime: Runtime, tmp_path: Path) -> None:
    save_checkpoints(tmp_path / "models" / "checkpoints", ("sd1",))
    (tmp_path / "models" / "hypernetworks").mkdir()
    layers = module(nn.Linear(WIDTH, WIDTH))
    save(tmp_path / "models" / "hypernetworks" / "h.pt", layers, layers)
    context = Context(runtime, node_id="1")
    model, _, _ = checkpoint_loader_simple("sd1.safetensors", context=context)
    changed = hypernetwork_loader(model, hypernetwork_name="h.pt", strength=1.0, context=context)
    x, t = torch.randn(1, 4, 8, 8), torch.tensor([500])
    conditions = {"context": torch.randn(1, 77, WIDTH)}
    plain = model.predict(x, t, conditions)
    different = changed.predict(x, t, conditions, changed.model_options["transformer_options"])
    assert not torch.allclose(plain, different, atol=1e-4)
    assert torch.equal(model.predict(x, t, conditions, model.model_options.get("transformer_options")), plain)
