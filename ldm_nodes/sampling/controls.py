"""Control networks during a sampling: who has one, and what it adds to the network's call.

Objects are those that conditionings carry as `control`, ours (`models/control.py`) or a community pack's; only the
methods of `Control` are asked of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import cycle, pairwise
from typing import TYPE_CHECKING, Any, Protocol, Self

from torch import Tensor

if TYPE_CHECKING:
    from .conditioning import Entry
    from .denoiser import Conditions, DiffusionModel


class Control(Protocol):
    """What steers a network; ComfyUI's names.

    Attributes:
        previous_controlnet: one whose additions join its own, or None.
    """

    previous_controlnet: Any

    def copy(self) -> Self:
        """Return one that a sampling may change."""
        ...

    def set_previous_controlnet(self, controlnet: Any, /) -> Any:
        """Put another one before it."""
        ...

    def pre_run(self, model: Any, percent_to_timestep_function: Callable[[float], float], /) -> None:
        """Learn the model and how parts of the sampling become noise levels, for it and those before it."""
        ...

    def get_control(
        self, x: Tensor, sigma: Tensor, cond: Mapping[str, Any], prompts: int, transformer_options: Any, /
    ) -> Mapping[str, list[Tensor | None]] | None:
        """Return what joins the network's features, or None."""
        ...


class Preparer:
    """Copies chains of controls for one sampling; entries that share a chain go on sharing it."""

    def __init__(self, model: DiffusionModel) -> None:
        self._model = model
        self._made: dict[int, Control] = {}

    def __call__(self, control: Control | None) -> Control | None:
        """Return a copy of the chain that ends in `control`, ready to run."""
        if control is None:
            return None
        if id(control) not in self._made:
            self._made[id(control)] = self._prepared(control)
        return self._made[id(control)]

    def _prepared(self, control: Control) -> Control:
        chain = [control.copy()]
        while (before := chain[-1].previous_controlnet) is not None:
            chain.append(before.copy())
        for later, earlier in pairwise(chain):
            later.set_previous_controlnet(earlier)
        chain[0].pre_run(self._model.model, self._model.model_sampling.percent_to_sigma)
        return chain[0]


def share_controls(positive: list[Entry], other: list[Entry]) -> None:
    """Give entries of another prompt the controls of the positive one that ask for it, in place.

    That is how `ControlNetApply`, which sees one prompt, reaches the other. Entries with an area stay as they are, and
    so does a prompt that has controls of its own.
    """
    given = [entry.control for entry in positive if entry.control is not None and entry.shares_control]
    whole = [number for number, entry in enumerate(other) if entry.area is None]
    if not given or not whole or any(other[number].control is not None for number in whole):
        return
    for control, number in zip(given, cycle(whole), strict=False):
        entry = replace(other[number], control=control)
        if other[number].control is None:
            other[number] = entry
        else:
            other.append(entry)


def with_control(
    control: Control | None, x: Tensor, sigma: Tensor, conditions: Conditions, prompts: int, told: Any
) -> Any:
    """Return what patches inside the network are told, with what a control adds.

    Args:
        control: of all entries of the call, or None.
        x: (n B, C, h, w) the latents in sigma space, B for each of n prompts.
        sigma: (n B,).
        conditions: the network inputs of the call.
        prompts: n.
        told: what is told already, or None.
    """
    if control is None:
        return told
    cond = {**conditions, "c_crossattn": conditions.get("context")}
    added = control.get_control(x, sigma, cond, prompts, told or {})
    return told if added is None else {**(told or {}), "control": added}
