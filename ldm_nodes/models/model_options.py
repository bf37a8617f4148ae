"""The options that a model carries from node to node: what guidance, the denoiser and the network look up in a run.

They are ComfyUI's `model_options`, a plain dictionary, because community packs read and write it. Everything here is
a function that sets one entry of a dictionary which the caller owns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Options = dict[str, Any]
Hook = Callable[..., Any]


def copied(options: Any) -> Any:
    """Return options whose dictionaries and lists are new at every depth, and whose other values are the same."""
    if isinstance(options, dict):
        return {key: copied(value) for key, value in options.items()}
    return list(options) if isinstance(options, list) else options


def inside(options: Options) -> Options:
    """Return the part that goes into the network (`transformer_options`)."""
    part: Options = options.setdefault("transformer_options", {})
    return part


def add_patch(options: Options, name: str, patch: Hook) -> None:
    """Append a patch of the network to those called `name`."""
    inside(options).setdefault("patches", {}).setdefault(name, []).append(patch)


def set_replacement(
    options: Options, patch: Hook, name: str, block: str, number: int, transformer_index: int | None = None
) -> None:
    """Let `patch` take the place of an attention (`name`: attn1, attn2), of all or of one transformer of a block."""
    key = (block, number) if transformer_index is None else (block, number, transformer_index)
    inside(options).setdefault("patches_replace", {}).setdefault(name, {})[key] = patch


def append(options: Options, name: str, hook: Hook, disable_cfg1_optimization: bool = False) -> None:
    """Append a hook to the list called `name`; the last argument keeps the negative pass at a scale of 1."""
    options.setdefault(name, []).append(hook)
    if disable_cfg1_optimization:
        options["disable_cfg1_optimization"] = True


def add_wrapper(options: Options, kind: str, key: str | None, wrapper: Hook) -> None:
    """Append a wrapper of a stage of sampling, `f(executor, *args)`; see `sampling.wrappers`."""
    inside(options).setdefault("wrappers", {}).setdefault(kind, {}).setdefault(key, []).append(wrapper)
