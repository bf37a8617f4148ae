"""The setters by which nodes and community packs change a model: each on a clone, none on the network.

    changed = model.clone()
    changed.set_model_sampler_post_cfg_function(f)

Names, arguments and the dictionaries that they fill are ComfyUI's; what the functions are given stands in
`sampling/guidance.py` and `hooks.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from typing import Any

from . import model_options as opt

Hook = Callable[..., Any]


class Patchable:
    """What has `model_options`, and parts that may be replaced."""

    model_options: opt.Options
    object_patches: dict[str, Any]
    callbacks: dict[str, dict[str | None, list[Hook]]]
    attachments: dict[str, Any]

    # Parts.

    def add_object_patch(self, name: str, obj: Any) -> None:
        """Put an object in the place of a part of the model, such as `model_sampling`, by its dotted name."""
        self.object_patches[name] = obj

    # Guidance.

    def set_model_sampler_cfg_function(self, function: Hook, disable_cfg1_optimization: bool = False) -> None:
        """Replace classifier-free guidance; a function of three parameters is given (cond, uncond, scale)."""
        plain = len(signature(function).parameters) == 3
        self.model_options["sampler_cfg_function"] = _by_three(function) if plain else function
        if disable_cfg1_optimization:
            self.model_options["disable_cfg1_optimization"] = True

    def set_model_sampler_pre_cfg_function(self, function: Hook, disable_cfg1_optimization: bool = False) -> None:
        """Change the predictions of all prompts before guidance."""
        opt.append(self.model_options, "sampler_pre_cfg_function", function, disable_cfg1_optimization)

    def set_model_sampler_post_cfg_function(self, function: Hook, disable_cfg1_optimization: bool = False) -> None:
        """Change the guided prediction."""
        opt.append(self.model_options, "sampler_post_cfg_function", function, disable_cfg1_optimization)

    def set_model_sampler_calc_cond_batch_function(self, function: Hook) -> None:
        """Replace how the predictions of all prompts are computed."""
        self.model_options["sampler_calc_cond_batch_function"] = function

    def set_model_unet_function_wrapper(self, function: Hook) -> None:
        """Wrap every call of the denoiser."""
        self.model_options["model_function_wrapper"] = function

    def set_model_denoise_mask_function(self, function: Hook) -> None:
        """Change the noise mask from step to step."""
        self.model_options["denoise_mask_function"] = function

    # Inside the network.

    def set_model_patch(self, patch: Hook, name: str) -> None:
        """Append a patch of the network by the name of its place; see `hooks.py`."""
        opt.add_patch(self.model_options, name, patch)

    def set_model_patch_replace(
        self, patch: Hook, name: str, block_name: str, number: int, transformer_index: int | None = None
    ) -> None:
        """Replace an attention."""
        opt.set_replacement(self.model_options, patch, name, block_name, number, transformer_index)

    def set_model_attn1_patch(self, patch: Hook) -> None:
        """Change what self-attention is given: `f(n, context, value, options)` returns the three."""
        self.set_model_patch(patch, "attn1_patch")

    def set_model_attn2_patch(self, patch: Hook) -> None:
        """Change what cross-attention is given: `f(n, context, value, options)` returns the three."""
        self.set_model_patch(patch, "attn2_patch")

    def set_model_attn1_replace(
        self, patch: Hook, block_name: str, number: int, transformer_index: int | None = None
    ) -> None:
        """Replace a self-attention: `f(q, k, v, options)` on projected tokens (B, T, heads·width)."""
        self.set_model_patch_replace(patch, "attn1", block_name, number, transformer_index)

    def set_model_attn2_replace(
        self, patch: Hook, block_name: str, number: int, transformer_index: int | None = None
    ) -> None:
        """Replace a cross-attention: `f(q, k, v, options)` on projected tokens (B, T, heads·width)."""
        self.set_model_patch_replace(patch, "attn2", block_name, number, transformer_index)

    def set_model_attn1_output_patch(self, patch: Hook) -> None:
        """Change what self-attention returns: `f(n, options)`."""
        self.set_model_patch(patch, "attn1_output_patch")

    def set_model_attn2_output_patch(self, patch: Hook) -> None:
        """Change what cross-attention returns: `f(n, options)`."""
        self.set_model_patch(patch, "attn2_output_patch")

    def set_model_input_block_patch(self, patch: Hook) -> None:
        """Change what an input block returns, for the skip and for what follows: `f(h, options)`."""
        self.set_model_patch(patch, "input_block_patch")

    def set_model_input_block_patch_after_skip(self, patch: Hook) -> None:
        """Change what an input block hands on, but not the skip: `f(h, options)`."""
        self.set_model_patch(patch, "input_block_patch_after_skip")

    def set_model_output_block_patch(self, patch: Hook) -> None:
        """Change what an output block joins: `f(h, skip, options)` returns the pair."""
        self.set_model_patch(patch, "output_block_patch")

    def set_model_emb_patch(self, patch: Hook) -> None:
        """Change the embedding of time and class: `f(emb, model_channels, options)`."""
        self.set_model_patch(patch, "emb_patch")

    # Around the stages of sampling, and what packs keep with a model.

    def add_wrapper(self, wrapper_type: str, wrapper: Hook) -> None:
        """Wrap a stage of sampling: `f(executor, *args)`."""
        self.add_wrapper_with_key(wrapper_type, None, wrapper)

    def add_wrapper_with_key(self, wrapper_type: str, key: str | None, wrapper: Hook) -> None:
        """Wrap a stage of sampling: `f(executor, *args)`; wrappers of one key can be removed together."""
        opt.add_wrapper(self.model_options, wrapper_type, key, wrapper)

    def remove_wrappers_with_key(self, wrapper_type: str, key: str | None) -> None:
        """Remove the wrappers of a key."""
        opt.inside(self.model_options).get("wrappers", {}).get(wrapper_type, {}).pop(key, None)

    @property
    def wrappers(self) -> dict[str, dict[str | None, list[Hook]]]:
        """The wrappers by type and key."""
        wrappers: dict[str, dict[str | None, list[Hook]]] = opt.inside(self.model_options).setdefault("wrappers", {})
        return wrappers

    def add_callback(self, call_type: str, callback: Hook) -> None:
        """Have something called at an event, such as `on_clone` or `on_cleanup`."""
        self.add_callback_with_key(call_type, None, callback)

    def add_callback_with_key(self, call_type: str, key: str | None, callback: Hook) -> None:
        """Have something called at an event; callbacks of one key can be removed together."""
        self.callbacks.setdefault(call_type, {}).setdefault(key, []).append(callback)

    def remove_callbacks_with_key(self, call_type: str, key: str | None) -> None:
        """Remove the callbacks of a key."""
        self.callbacks.get(call_type, {}).pop(key, None)

    def call_back(self, call_type: str, *arguments: Any) -> None:
        """Call everything that waits for an event."""
        for callbacks in [*self.callbacks.get(call_type, {}).values()]:
            for callback in callbacks:
                callback(*arguments)

    def set_attachments(self, key: str, attachment: Any) -> None:
        """Keep an object with the model; a clone has what its `on_model_patcher_clone` returns, or the same."""
        self.attachments[key] = attachment

    def get_attachment(self, key: str) -> Any:
        """Return what was kept under a key, or None."""
        return self.attachments.get(key)

    def remove_attachments(self, key: str) -> None:
        """Forget what was kept under a key."""
        self.attachments.pop(key, None)


def _by_three(function: Hook) -> Hook:
    return lambda args: function(args["cond"], args["uncond"], args["cond_scale"])
