"""Control networks as conditionings carry them: a network, a hint, a strength, a range of the sampling, one before it.

Method and attribute names are those of ComfyUI's `ControlBase`, so that community packs can use our networks and
sampling can use theirs. Nodes and packs change a `copy()`; sampling copies the whole chain (`sampling/controls.py`).
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, Self

import torch
from torch import Tensor

from ..imaging.resize import resize
from ..sampling.conditioning import per_picture
from .control_net import Features

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .devices import Compute
    from .kinds import ControlKind

PIXELS = 8
"""Pixels of a hint for a cell of the latent."""

Added = dict[str, list[Tensor | None]]
"""What goes to the UNet: `input`, `middle`, `output`; the last of a list is for the first block that is met."""


class ControlNetwork(Protocol):
    """A network that steers a UNet.

    Attributes:
        hint_channels: colour channels of its hints.
        multiple: pixels that must divide the sides of its hints.
    """

    @property
    def hint_channels(self) -> int: ...  # noqa: D102

    @property
    def multiple(self) -> int: ...  # noqa: D102

    def guide(self, hint: Tensor) -> tuple[Tensor, ...]:
        """Prepare a hint (B, C, 8·h, 8·w), 0…1, once for all steps."""
        ...

    def features(
        self,
        x: Tensor,
        guided: tuple[Tensor, ...],
        timesteps: Tensor,
        conditions: Mapping[str, Any],
        extra: Mapping[str, Any],
    ) -> Features:
        """Return what to add.

        Args:
            x: (B, C, h, w) the latent as the UNet is given it.
            guided: what `guide` made of the hint, for each latent of the batch.
            timesteps: (B,).
            conditions: `c_crossattn` and `y` of the UNet.
            extra: options of the network, such as `control_type`.
        """
        ...


@dataclass(eq=False)
class Control:
    """The value on the CONTROL_NET wire, and with a hint the one in a conditioning.

    Attributes:
        control_model: the network; copies share it.
        compute: where and in which type it runs.
        kind: what must fit it.
        strength: multiplier of all that it adds.
        timestep_percent_range: when it acts, as fractions of the sampling.
        cond_hint_original: (B, C, H, W) the hint, 0…1, or None before there is one.
        previous_controlnet: acts too; its additions join ours.
        global_average_pooling: add the mean over all positions, as networks do that carry a style.
        extra_args: options of the network.
    """

    control_model: ControlNetwork
    compute: Compute
    kind: ControlKind
    strength: float = 1.0
    timestep_percent_range: tuple[float, float] = (0.0, 1.0)
    cond_hint_original: Tensor | None = None
    previous_controlnet: Any = None
    global_average_pooling: bool = False
    extra_args: dict[str, Any] = field(default_factory=dict)
    timestep_range: tuple[float, float] = (float("inf"), 0.0)
    model_sampling: Any = None
    _guided: tuple[tuple[int, int], tuple[Tensor, ...]] | None = field(default=None, repr=False)

    def copy(self) -> Self:
        """Return one to change; the network is shared."""
        made = copy.copy(self)
        made.extra_args, made._guided = dict(self.extra_args), None
        return made

    def set_cond_hint(
        self, cond_hint: Tensor, strength: float = 1.0, timestep_percent_range: tuple[float, float] = (0.0, 1.0),
        vae: Any = None, extra_concat: Any = (),
    ) -> Self:  # fmt: skip
        """Give it a hint (B, C, H, W); `vae` and `extra_concat` are for networks of other families."""
        self.cond_hint_original, self.strength = cond_hint, strength
        self.timestep_percent_range = timestep_percent_range
        return self

    def set_previous_controlnet(self, controlnet: Any) -> Self:
        """Put another one before it."""
        self.previous_controlnet = controlnet
        return self

    def set_extra_arg(self, argument: str, value: Any = None) -> None:
        """Set an option of the network."""
        self.extra_args[argument] = value

    def pre_run(self, model: Any, percent_to_timestep_function: Callable[[float], float]) -> None:
        """Learn, before a sampling, the model and the noise levels between which it acts."""
        start, end = self.timestep_percent_range
        self.timestep_range = (percent_to_timestep_function(start), percent_to_timestep_function(end))
        self.model_sampling = model.model_sampling
        if self.previous_controlnet is not None:
            self.previous_controlnet.pre_run(model, percent_to_timestep_function)

    @torch.no_grad()
    def get_control(
        self,
        x_noisy: Tensor,
        t: Tensor,
        cond: Mapping[str, Any],
        batched_number: int,
        transformer_options: Mapping[str, Any] | None = None,
    ) -> Added | None:
        """Return what this one and those before it add to the UNet, or None where all are silent.

        Args:
            x_noisy: (n B, C, h, w) latents in sigma space, B for each of n prompts.
            t: (n B,) their noise levels.
            cond: `c_crossattn` (n B, T, D) and, for SDXL, `y` (n B, P).
            batched_number: n.
            transformer_options: for networks that patches change; not used here.
        """
        before: Added | None = None
        if self.previous_controlnet is not None:
            before = self.previous_controlnet.get_control(x_noisy, t, cond, batched_number, transformer_options)
        start, end = self.timestep_range
        if not end <= float(t[0]) <= start or self.cond_hint_original is None:
            return before
        guided = tuple(_for_batch(part, len(x_noisy), batched_number) for part in self._guided_for(x_noisy))
        scaled = self.model_sampling.calculate_input(t, x_noisy)
        timesteps = self.model_sampling.timestep(t)
        made = self.control_model.features(scaled, guided, timesteps, cond, self.extra_args)
        return _merged(self._weighed(made, x_noisy), before)

    def _guided_for(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the prepared hint for latents of this size; steps of one size share it."""
        size = (x.shape[-2], x.shape[-1])
        if self._guided is None or self._guided[0] != size:
            assert self.cond_hint_original is not None  # get_control has checked it
            multiple = self.control_model.multiple
            height, width = (math.ceil(side * PIXELS / multiple) * multiple for side in size)
            hint = resize(self.cond_hint_original, width, height, "nearest-exact", "center")
            hint = _of_channels(hint, self.control_model.hint_channels).to(self.compute.device)
            self._guided = (size, self.control_model.guide(hint))
        return self._guided[1]

    def _weighed(self, features: Features, x: Tensor) -> Added:
        def weigh(part: Tensor | None) -> Tensor | None:
            if part is None:
                return None
            if self.global_average_pooling:
                part = part.mean(dim=(2, 3), keepdim=True).expand_as(part)
            return part.to(x.dtype) * self.strength

        return {
            "input": [weigh(part) for part in reversed(features.inputs)],
            "middle": [weigh(features.middle)] if features.middle is not None else [],
            "output": [weigh(part) for part in features.skips],
        }


def _for_batch(part: Tensor, batch: int, prompts: int) -> Tensor:
    """Return a row for each latent of a batch that holds the same latents for each of several prompts."""
    rows = per_picture(part, batch // prompts)
    return rows.expand(batch // prompts, *rows.shape[1:]).repeat(prompts, *[1] * (rows.ndim - 1))


def _of_channels(hint: Tensor, channels: int) -> Tensor:
    """Return a hint with as many colours as its network reads: grey is their mean, and colours repeat grey."""
    if hint.shape[1] == channels:
        return hint
    grey = hint[:, :3].mean(dim=1, keepdim=True)
    return (
        grey if channels == 1 else hint[:, :channels] if hint.shape[1] > channels else grey.expand(-1, channels, -1, -1)
    )


def _merged(own: Added, before: Added | None) -> Added:
    """Add two sets, entry by entry."""
    if before is None:
        return own
    return {place: _sums(own.get(place, []), before.get(place, [])) for place in ("input", "middle", "output")}


def _sums(a: list[Tensor | None], b: list[Tensor | None]) -> list[Tensor | None]:
    longest = max(len(a), len(b))
    a, b = ([*[None] * (longest - len(parts)), *parts] for parts in (a, b))
    return [y if x is None else x if y is None else x + y for x, y in zip(a, b, strict=True)]
