"""Weight patches in the forms that community packs write, as patches of ours.

{"diffusion_model.out.2.weight": ("diff", (tensor,)), ("…weight", (0, 0, 320)): (tensor,)}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from .errors import ModelError
from .patching import Patch

if TYPE_CHECKING:
    from .patching import Change

Key = str | tuple[Any, ...]
"""The name of a weight, or `(name, (dim, start, length))`, or that with a function as third."""
Part = tuple[int, int, int]
"""The dimension, the start and the length of the part of a weight that is changed."""


@dataclass(frozen=True, eq=False)
class PackPatch(Patch):
    """A change that also scales the weight: weight · strength_model + strength · change.

    Attributes:
        written: the patch as the pack wrote it.
        strength_model: multiplies the weight first.
        place: the part of the weight that is changed, or None for all of it.
        function: what the difference passes through before it is added, or None.
    """

    written: Any = None
    strength_model: float = 1.0
    place: Part | None = None
    function: Callable[[Tensor], Tensor] | None = None

    def apply(self, weight: Tensor) -> None:
        """Change a float32 weight in place."""
        view = weight if self.place is None else weight.narrow(*self.place)
        view.mul_(self.strength_model)
        if isinstance(self.change, Replacement):
            view.copy_(self.change.tensor.to(view).reshape(view.shape))
        elif self.strength != 0:
            difference = self.change.difference(view).reshape(view.shape) * self.strength
            view.add_(difference if self.function is None else self.function(difference))


@dataclass(frozen=True, eq=False)
class Difference:
    """Adds a tensor of the weight's shape."""

    tensor: Tensor

    def difference(self, weight: Tensor) -> Tensor:
        """Return the tensor.

        Raises:
            ModelError: it has another number of elements than the weight.
        """
        if self.tensor.numel() != weight.numel():
            raise ModelError(
                f"A patch has shape {tuple(self.tensor.shape)}, the weight {tuple(weight.shape)}; expected equal "
                "shapes. The patch was made for another model."
            )
        return self.tensor.to(weight)


@dataclass(frozen=True, eq=False)
class Replacement(Difference):
    """Puts a tensor in the place of the weight, whatever the strength."""


@dataclass(frozen=True, eq=False)
class Towards(Difference):
    """Moves the weight towards a tensor: at strength 1 it is that."""

    def difference(self, weight: Tensor) -> Tensor:
        """Return what is between the two."""
        return super().difference(weight).reshape(weight.shape) - weight


@dataclass(frozen=True, eq=False)
class Nothing:
    """Leaves the weight: of a patch that only scales it."""

    def difference(self, weight: Tensor) -> Tensor:
        """Return zeros."""
        return torch.zeros_like(weight)


@dataclass(frozen=True, eq=False)
class Adapter:
    """An adapter object with ComfyUI's `calculate_weight`."""

    adapter: Any

    def difference(self, weight: Tensor) -> Tensor:
        """Return what strength 1 adds."""
        changed: Tensor = self.adapter.calculate_weight(
            weight.clone(), "", 1.0, 1.0, None, lambda difference: difference, torch.float32, weight
        )
        return changed - weight


def pack_patches(
    patches: Mapping[Key, Any], known: Collection[str], strength: float = 1.0, strength_model: float = 1.0
) -> tuple[list[PackPatch], list[Key]]:
    """Return the patches of weights that the network has, and the keys that name one.

    Args:
        patches: by key; see `as_change` for their forms.
        known: the names of the network's weights.
        strength: of every patch.
        strength_model: what the weights are multiplied with first.
    """
    made, keys = [], []
    for key, written in patches.items():
        name, place, function = _parts_of(key)
        if name in known:
            change = as_change(written)
            made.append(PackPatch(name, change, strength, None, False, written, strength_model, place, function))
            keys.append(key)
    return made, keys


def as_change(written: Any) -> Change:
    """Return what a patch does.

    Args:
        written: `(tensor,)` or `("diff", (tensor, …))`; `("set", (tensor,))`; `("model_as_lora", (tensor,))`;
            `(None,)`; an object with `calculate_weight` or with `difference`; or a list of `get_key_patches`.

    Raises:
        ModelError: it is none of these.
    """
    if hasattr(written, "calculate_weight"):
        return Adapter(written)
    if hasattr(written, "difference"):
        own: Change = written
        return own
    if isinstance(written, list):
        return Difference(_weight_of(written))
    match written:
        case (None,):
            return Nothing()
        case (Tensor() as tensor,) | ("diff", (Tensor() as tensor, *_)):
            return Difference(tensor)
        case ("set", (Tensor() as tensor, *_)):
            return Replacement(tensor)
        case ("model_as_lora", (Tensor() as tensor, *_)):
            return Towards(tensor)
    named = isinstance(written, tuple) and written and isinstance(written[0], str)
    kind = repr(written[0]) if named else type(written).__name__
    raise ModelError(f"A weight patch of kind {kind} is unknown; expected diff, set, model_as_lora or an adapter.")


def _weight_of(patched: Sequence[Any]) -> Tensor:
    """Return the weight of a list of `get_key_patches`: another model's weight and the patches that it carries."""
    (weight, convert), *changes = patched
    made: Tensor = convert(weight).to(torch.float32, copy=True)
    for strength, written, strength_model, place, function in changes:
        PackPatch("", as_change(written), strength, None, False, written, strength_model, place, function).apply(made)
    return made


def _parts_of(key: Key) -> tuple[str, Part | None, Callable[[Tensor], Tensor] | None]:
    if isinstance(key, str):
        return key, None, None
    name, place, *function = key
    return name, place, function[0] if function else None


def written_forms(patches: Sequence[Patch]) -> dict[str, list[tuple[Any, ...]]]:
    """Return patches as packs read them: (strength, patch, strength_model, part, function), by weight.

    Patches of stacked or transposed weights have no such form; they appear as our change of the whole weight.
    """
    by_name: dict[str, list[tuple[Any, ...]]] = {}
    for patch in patches:
        if isinstance(patch, PackPatch):
            form = (patch.strength, patch.written, patch.strength_model, patch.place, patch.function)
        else:
            form = (patch.strength, patch.change, 1.0, None, None)
        by_name.setdefault(patch.name, []).append(form)
    return by_name
