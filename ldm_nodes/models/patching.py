"""Networks with changed weights, beside the network that they came from, which stays as it is.

A changed network shares every weight that no patch touches with the original. It is made when it is first asked for:
of a stack of patches only the last value on the wire is ever computed. Changes are computed in float32 and rounded
once to the network's own type.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from .packing import Packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Network = TypeVar("Network", bound=nn.Module)

STACKED = 3
"""How many tensors a stack holds: queries, keys and values of OpenCLIP's attention."""


class Change(Protocol):
    """What a patch does to a weight."""

    def difference(self, weight: Tensor) -> Tensor:
        """Return what strength 1 adds to a float32 `weight`, in its shape or one of as many elements."""
        ...


@dataclass(frozen=True, eq=False)
class Patch:
    """One change of one weight.

    Attributes:
        name: the parameter's name in the network.
        change: what it does.
        strength: how much of it.
        part: which third of the rows it concerns, where the parameter stacks three; None for all of it.
        transposed: the change is meant for the transpose.
    """

    name: str
    change: Change
    strength: float
    part: int | None = None
    transposed: bool = False

    def apply(self, weight: Tensor) -> None:
        """Change a float32 weight in place."""
        view = weight if self.part is None else weight.chunk(STACKED)[self.part]
        view = view.t() if self.transposed else view
        difference = self.change.difference(view).reshape(view.shape)
        view.add_(difference, alpha=self.strength)


@dataclass(eq=False)
class Patched(Generic[Network]):
    """A network and the patches that are wanted on it.

    Attributes:
        base: the network without patches; nothing here ever changes it.
        patches: what to change, first to last.
    """

    base: Network
    patches: tuple[Patch, ...] = ()

    def with_patches(self, patches: Iterable[Patch]) -> Patched[Network]:
        """Return a value with more patches; the same one where there are none."""
        more = tuple(patches)
        return Patched(self.base, (*self.patches, *more)) if more else self

    @cached_property
    def network(self) -> Network:
        """The changed network; the base itself where nothing changes."""
        return patched_copy(self.base, self.patches) if self.patches else self.base


def parameter_shapes(network: nn.Module) -> dict[str, torch.Size]:
    """Return the shapes of all parameters, those of packed layers as they are unpacked; nothing is copied."""
    shapes = {name: parameter.shape for name, parameter in network.named_parameters()}
    for name, layer in network.named_modules():
        if isinstance(layer, Packed):
            shapes[f"{name}.weight"] = layer.plain[0].weight.shape
    return shapes


def parameter(network: nn.Module, name: str) -> Tensor:
    """Return a parameter, that of a packed layer as it is unpacked."""
    layer = network.get_submodule(name.rpartition(".")[0])
    value: Tensor = getattr(layer, name.rpartition(".")[2])
    return (
        value.to_dense().view(layer.plain[0].weight.shape) if isinstance(layer, Packed) and value.is_mkldnn else value
    )


@torch.no_grad()
def patched_copy(network: Network, patches: Sequence[Patch]) -> Network:
    """Return a copy of `network` with changed weights, which shares the others with it.

    Args:
        network: the network; packed layers (`packing.py`) are unpacked, changed and packed again in the copy.
        patches: what to change. Names that the network lacks are an error of the caller.
    """
    shared = {id(tensor): tensor for tensor in chain(network.parameters(), network.buffers())}
    made = copy.deepcopy(network, shared)
    by_layer: dict[str, list[Patch]] = defaultdict(list)
    for patch in patches:
        by_layer[patch.name.rpartition(".")[0]].append(patch)
    for name, changes in by_layer.items():
        _change_layer(made, name, changes)
    return made


def _change_layer(network: nn.Module, name: str, patches: Sequence[Patch]) -> None:
    layer = network.get_submodule(name)
    if not isinstance(layer, Packed):
        _change(layer, patches)
        return
    plain = layer.unpack()
    _change(plain, patches)
    parent, _, last = name.rpartition(".")
    setattr(network.get_submodule(parent), last, type(layer)(plain))


def _change(layer: nn.Module, patches: Sequence[Patch]) -> None:
    by_parameter: dict[str, list[Patch]] = defaultdict(list)
    for patch in patches:
        by_parameter[patch.name.rpartition(".")[2]].append(patch)
    for name, changes in by_parameter.items():
        original: Tensor = getattr(layer, name)
        weight = original.detach().to(torch.float32, copy=True)
        for patch in changes:
            patch.apply(weight)
        setattr(layer, name, nn.Parameter(weight.to(original.dtype), requires_grad=False))
