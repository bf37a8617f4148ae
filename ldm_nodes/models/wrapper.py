"""How a condition enters the UNet: the `conditioning_key` of the original (ddpm.py, DiffusionWrapper)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import torch
from torch import Tensor, nn

from .errors import WrongConfig
from .hooks import NO_HOOKS, Hooks
from .sizes import brief

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .attention import ContextProjection
    from .unet import UNetModel

ConditioningKey = Literal["concat", "crossattn", "hybrid", "adm", "hybrid-adm", "crossattn-adm"]

_CONCATENATES = ("concat", "hybrid", "hybrid-adm")
_ATTENDS = ("crossattn", "hybrid", "hybrid-adm", "crossattn-adm")
_CLASS_AS_ADM = ("hybrid-adm", "crossattn-adm")


class DiffusionWrapper(nn.Module):
    """The UNet under the name `diffusion_model`, and the way its conditions reach it.

    Conditions are lists, as in the original: `c_concat` joins the latent on channels, `c_crossattn` is joined on tokens
    to make the context (for "adm" its first entry is the class), `c_adm` is the class of the two "-adm" modes.
    """

    def __init__(self, diffusion_model: UNetModel, conditioning_key: ConditioningKey | None) -> None:
        super().__init__()
        if conditioning_key is not None and conditioning_key not in get_args(ConditioningKey):
            known = ", ".join(get_args(ConditioningKey))
            raise WrongConfig(f"conditioning_key is {brief(conditioning_key)}; expected null or one of {known}.")
        self.diffusion_model = diffusion_model
        self.conditioning_key = conditioning_key

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        c_concat: Sequence[Tensor] = (),
        c_crossattn: Sequence[Tensor] = (),
        c_adm: Tensor | None = None,
        projection: ContextProjection | None = None,
        hooks: Hooks = NO_HOOKS,
    ) -> Tensor:
        """Predict from x (B, C, H, W) at the timesteps t (B,) under the conditions that the mode reads.

        Args:
            x: noisy latent.
            t: timesteps.
            c_concat: (B, C', H, W) each, any number.
            c_crossattn: (B, T, D) each, any number; for "adm" one class.
            c_adm: class ids (B,) or vectors (B, P).
            projection: `UNetModel.project_context` of the joined context, in place of `c_crossattn`.
            hooks: what patches do inside the network.

        Raises:
            ValueError: a condition that the mode reads is missing.
        """
        key = self.conditioning_key
        if key in _CONCATENATES:
            x = torch.cat([x, *self._present("c_concat", c_concat)], dim=1)
        context = None
        if key in _ATTENDS and projection is None:
            context = torch.cat(list(self._present("c_crossattn", c_crossattn)), dim=1)
        y = self._present("c_crossattn", c_crossattn)[0] if key == "adm" else None
        if key in _CLASS_AS_ADM:
            y = c_adm
        out: Tensor = self.diffusion_model(x, t, context=context, y=y, projection=projection, hooks=hooks)
        return out

    def _present(self, name: str, tensors: Sequence[Tensor]) -> Sequence[Tensor]:
        if not tensors:
            raise ValueError(f"A model with conditioning_key {self.conditioning_key!r} needs {name}; none was given.")
        return tensors
