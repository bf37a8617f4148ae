"""What model patches do inside the UNet: the places where they may look on or step in, named as ComfyUI names them.

A network runs with `NO_HOOKS`, whose every method returns what it is given. With patches, `Hooks` is made for one call
of the network; it knows where in the network the call is, and tells patches in `options` (`transformer_options`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .attention import BasicTransformerBlock, Context, CrossAttention

IN_TRANSFORMERS = ("attn1_patch", "attn2_patch", "attn1_output_patch", "attn2_output_patch", "middle_patch")


class Hooks:
    """The patches of one network call.

    Args:
        options: `transformer_options`: `patches`, `patches_replace`, and what else patches are told; `control`, what a
            control network adds: lists `input`, `middle`, `output`, whose last entries are for the first blocks. The
            options are copied; what patches write into them stays for the rest of the call.

    Attributes:
        options: what patches of blocks are given.
        in_transformers: whether any patch acts inside of transformer blocks.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = {**options}
        control: Mapping[str, list[Tensor | None]] = self.options.pop("control", None) or {}
        self._patches: Mapping[str, list[Callable[..., Any]]] = options.get("patches", {})
        self._replacements: Mapping[str, Mapping[Any, Callable[..., Tensor]]] = options.get("patches_replace", {})
        self._control = {place: list(added) for place, added in control.items()}
        self.in_transformers = any(map(self._patches.get, IN_TRANSFORMERS)) or any(self._replacements.values())
        self._passive = not self._patches and not self._control and not self.in_transformers

    def at(self, kind: str, index: int) -> Self:
        """Note that the call enters a block: ("input" | "middle" | "output", number)."""
        if not self._passive:
            self.options["block"] = (kind, index)
        return self

    def set_shape(self, x: Tensor) -> None:
        """Note the shape (B, C, H, W) of the map whose positions a transformer transforms."""
        if self.in_transformers:
            self.options["activations_shape"] = list(x.shape)

    def on_embedding(self, emb: Tensor, model_channels: int) -> Tensor:
        """Pass the embedding (B, E) of time and class through `emb_patch`."""
        for patch in self._patches.get("emb_patch", ()):
            emb = patch(emb, model_channels, self.options)
        return emb

    def after_input(self, h: Tensor) -> Tensor:
        """Pass what becomes a skip through `control` and `input_block_patch`."""
        return self._through("input_block_patch", self._controlled("input", h))

    def after_skip(self, h: Tensor) -> Tensor:
        """Pass what goes on downwards through `input_block_patch_after_skip`."""
        return self._through("input_block_patch_after_skip", h)

    def after_middle(self, h: Tensor) -> Tensor:
        """Pass the middle's result through `control`."""
        return self._controlled("middle", h)

    def before_output(self, h: Tensor, skip: Tensor) -> tuple[Tensor, Tensor]:
        """Pass both inputs of an output block through `control` and `output_block_patch`."""
        skip = self._controlled("output", skip)
        for patch in self._patches.get("output_block_patch", ()):
            h, skip = patch(h, skip, self.options)
        return h, skip

    def transformed(self, block: BasicTransformerBlock, x: Tensor, context: Context, index: int) -> Tensor:
        """Run a transformer block on tokens (B, T, dim) with the patches inside it."""
        told = self._told_in(block.attn1, index)
        attended = self._attended("attn1", block.attn1, block.norm1(x), None if block.self_attends else context, told)
        x = x + self._through("attn1_output_patch", attended, told)
        x = self._through("middle_patch", x, told)
        attended = self._attended("attn2", block.attn2, block.norm2(x), context, told)
        x = x + self._through("attn2_output_patch", attended, told)
        self.options["transformer_index"] = told["transformer_index"] + 1
        out: Tensor = x + block.ff(block.norm3(x))
        return out

    def _told_in(self, attention: CrossAttention, index: int) -> dict[str, Any]:
        """Return what patches inside of a transformer block are told."""
        return {
            **self.options,
            "block_index": index,
            "transformer_index": self.options.get("transformer_index", 0),
            "n_heads": attention.heads,
            "dim_head": attention.dim_head,
            "attn_precision": None,
        }

    def _attended(
        self, kind: str, attention: CrossAttention, n: Tensor, context: Context, told: dict[str, Any]
    ) -> Tensor:
        """Run one attention of normed tokens: patches of its inputs first, then it or what replaces it."""
        assert context is None or isinstance(context, Tensor)  # a projected context cannot be patched
        context = n if context is None else context
        value = context
        for patch in self._patches.get(f"{kind}_patch", ()):
            n, context, value = patch(n, context, value, told)
        q, k, v = attention.to_q(n), attention.to_k(context), attention.to_v(value)
        replacement = self._replacement(kind, told)
        out: Tensor = attention.to_out(
            attention.attended(q, k, v) if replacement is None else replacement(q, k, v, told)
        )
        return out

    def _replacement(self, kind: str, told: Mapping[str, Any]) -> Callable[..., Tensor] | None:
        found = self._replacements.get(kind, {})
        block = told.get("block", ())
        return found.get((*block, told["block_index"]), found.get(block))

    def _through(self, name: str, x: Tensor, told: dict[str, Any] | None = None) -> Tensor:
        for patch in self._patches.get(name, ()):
            x = patch(x, self.options if told is None else told)
        return x

    def _controlled(self, place: str, h: Tensor) -> Tensor:
        added = self._control.get(place)
        control = added.pop() if added else None
        return h if control is None else h + control.to(h)


NO_HOOKS = Hooks({})
