"""`comfy.comfy_types`: names for types that packs annotate with. Start with `node_typing.py`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypedDict

from .node_typing import IO, CheckLazyMixin, ComfyNodeABC, FileLocator, InputTypeDict, InputTypeOptions


class UnetApplyFunction(Protocol):
    """A network under its noise levels."""

    def __call__(self, x: Any, t: Any, **kwargs: Any) -> Any:
        """Return the prediction."""
        ...


class UnetApplyConds(TypedDict, total=False):
    """Conditions of a network call."""

    c_concat: Any
    c_crossattn: Any
    control: Any
    transformer_options: dict[str, Any]


class UnetParams(TypedDict):
    """What a wrapper of a network receives."""

    input: Any
    timestep: Any
    c: UnetApplyConds
    cond_or_uncond: list[int]


UnetWrapperFunction = Callable[[UnetApplyFunction, UnetParams], Any]
__all__ = [
    "IO", "CheckLazyMixin", "ComfyNodeABC", "FileLocator", "InputTypeDict", "InputTypeOptions", "UnetApplyConds",
    "UnetApplyFunction", "UnetParams", "UnetWrapperFunction",
]  # fmt: skip
