"""`comfy.ops`: torch's layers under the names by which packs build networks."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from .model_management import cast_to


class disable_weight_init:  # noqa: N801 - ComfyUI's name
    """Layers whose weights are left as memory has them, for they are loaded anyway."""

    class Linear(torch.nn.Linear):
        """A linear layer."""

        def reset_parameters(self) -> None:
            """Leave the weights."""

    class Conv1d(torch.nn.Conv1d):
        """A convolution."""

        def reset_parameters(self) -> None:
            """Leave the weights."""

    class Conv2d(torch.nn.Conv2d):
        """A convolution."""

        def reset_parameters(self) -> None:
            """Leave the weights."""

    class Conv3d(torch.nn.Conv3d):
        """A convolution."""

        def reset_parameters(self) -> None:
            """Leave the weights."""

    class ConvTranspose2d(torch.nn.ConvTranspose2d):
        """A transposed convolution."""

        def reset_parameters(self) -> None:
            """Leave the weights."""

    GroupNorm = torch.nn.GroupNorm
    LayerNorm = torch.nn.LayerNorm
    Embedding = torch.nn.Embedding

    @classmethod
    def conv_nd(cls, dims: int, *args: Any, **kwargs: Any) -> Any:
        """Return a convolution over so many axes."""
        return {1: cls.Conv1d, 2: cls.Conv2d, 3: cls.Conv3d}[dims](*args, **kwargs)


class manual_cast(disable_weight_init):  # noqa: N801 - ComfyUI's name
    """The same layers; they run in the type that they have."""


def cast_to_input(weight: Tensor, input: Tensor, non_blocking: bool = False, copy: bool = True) -> Tensor | None:  # noqa: A002
    """Return a weight in the type and at the place of an input."""
    return cast_to(weight, input.dtype, input.device, non_blocking, copy)


def cast_bias_weight(
    s: Any, input: Tensor | None = None, dtype: torch.dtype | None = None, device: Any = None,  # noqa: A002
    bias_dtype: torch.dtype | None = None,
) -> tuple[Tensor | None, Tensor | None]:  # fmt: skip
    """Return a layer's weight and bias in the type and at the place of an input."""
    wanted, place = (dtype, device) if input is None else (dtype or input.dtype, device or input.device)
    return cast_to(s.weight, wanted, place), cast_to(s.bias, bias_dtype or wanted, place)
