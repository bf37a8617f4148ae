"""From a file to a control network: recognise, build without memory, fill."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from .checkpoint import Checkpoint, open_checkpoint
from .control import Control
from .control_net import ControlNet
from .control_shapes import control_config, control_part, family_of, is_control_net
from .errors import UnknownFamily
from .families import contents
from .kinds import ControlKind, Origin
from .packing import pack
from .patching import parameter_shapes
from .t2i_adapter import T2IAdapter, adapter_config, adapter_part, is_adapter
from .weights import assign_weights, load_weights, without_memory

if TYPE_CHECKING:
    from torch import Tensor

    from .devices import Compute
    from .diffusion_model import DiffusionModel

HINT = "input_hint_block.0.weight"


def load_control(path: Path, compute: Compute) -> Control:
    """Load a ControlNet or a T2I-Adapter.

    Raises:
        ModelError: when the file is unreadable, unsafe, or neither of them.
    """
    checkpoint = open_checkpoint(path)
    kind = control_kind(checkpoint)
    if is_adapter(checkpoint):
        part = adapter_part(checkpoint)
        with without_memory():
            adapter = T2IAdapter(adapter_config(part))
        load_weights(adapter, part, compute)
        return Control(adapter, compute, kind)
    part = control_part(checkpoint)
    network = _empty(part)
    load_weights(network, part, compute)
    return _finished(network, compute, kind, path)


def load_control_difference(path: Path, compute: Compute, model: DiffusionModel) -> Control:
    """Load a ControlNet that is stored as the difference from a model, by adding that model's weights.

    Raises:
        ModelError: as `load_control`; or the model has other sizes.
    """
    checkpoint = open_checkpoint(path)
    if "difference" not in checkpoint or not is_control_net(checkpoint):
        return load_control(path, compute)
    part, kind = control_part(checkpoint), control_kind(checkpoint)
    network = _empty(part)
    base, wanted = _weights(model), parameter_shapes(network)
    state = {name: part.tensor(name, torch.float32) for name in wanted if name in part}
    for name, tensor in state.items():
        if name in base:
            state[name] = tensor + base[name].to(tensor)
    state = {name: tensor.to(compute.device, compute.dtype) for name, tensor in state.items()}
    assign_weights(network, state, f"{path.name} with {model.kind.origin}")
    return _finished(network, compute, kind, path)


def control_kind(checkpoint: Checkpoint, file: str = "") -> ControlKind:
    """Return what fits a control network, from the shapes of its tensors.

    Raises:
        UnknownFamily: when the file is none.
    """
    file = file or checkpoint.path.name
    if is_adapter(checkpoint):
        is_xl = adapter_config(adapter_part(checkpoint)).is_xl
        return ControlKind(Origin("sdxl" if is_xl else "sd1", file))
    if not is_control_net(checkpoint):
        raise UnknownFamily(
            f"{checkpoint.path.name} is {contents(checkpoint)}; expected a ControlNet or a T2I-Adapter."
        )
    config = control_config(control_part(checkpoint))
    return ControlKind(Origin(family_of(config), file), config.context_dim, config.adm_in_channels)


def _empty(part: Checkpoint) -> ControlNet:
    hint = part.shape(HINT)
    if not hint:
        raise UnknownFamily(f"{part.path.name} holds only a part of a ControlNet; expected all of it.")
    with without_memory():
        return ControlNet(control_config(part), hint[1])


def _finished(network: ControlNet, compute: Compute, kind: ControlKind, path: Path) -> Control:
    if compute.device.type == "cpu":
        network.memory_format = torch.channels_last
        pack(network)
    pooled = path.stem.endswith(("_shuffle", "_shuffle_fp16"))  # as their authors name networks that carry a style
    return Control(network, compute, kind, global_average_pooling=pooled)


def _weights(model: DiffusionModel) -> dict[str, Tensor]:
    return dict(model.running.diffusion_model.state_dict())
