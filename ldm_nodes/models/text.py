"""CLIP's text towers: a causal transformer over 77 tokens (arXiv 2103.00020 §2.4), in the two layouts that files use.

Both layouts compute the same; they differ in the names and the packing of their parameters:

* "clip" (Hugging Face `CLIPTextModel`): SD 1, and SDXL's first tower; `text_model.encoder.layers.0.self_attn.q_proj`;
* "openclip" (open_clip `TextTransformer`): SD 2, and SDXL's second tower; `transformer.resblocks.0.attn.in_proj_bias`.

A tower is given vectors, not ids, so that learned embeddings can take the place of tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Callable

    from .config import TextConfig


@dataclass(frozen=True)
class _Parts:
    """Where a layout keeps what both have; `projection` is (P, D) and multiplies from the left."""

    tokens: nn.Embedding
    positions: Tensor
    blocks: nn.ModuleList
    final_norm: nn.LayerNorm
    projection: Tensor | None


class TextTower(nn.Module):
    """A text tower of either layout.

    Attributes:
        config: the sizes.
    """

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config

    def _parts(self) -> _Parts:
        raise NotImplementedError

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self._parts().positions.device

    def embed(self, ids: Tensor) -> Tensor:
        """Look up token vectors, (B, T) -> (B, T, D)."""
        vectors: Tensor = self._parts().tokens(ids)
        return vectors

    def forward(self, vectors: Tensor, layer: int = -1) -> tuple[Tensor, Tensor]:
        """Run the transformer.

        Args:
            vectors: token vectors without positions, (B, T, D) with T at most 77.
            layer: the block whose output is wanted besides the last: -1 is the last, -2 the one before it.

        Returns:
            The outputs of that block and of the last one, (B, T, D) each, before the final layer norm.
        """
        parts = self._parts()
        hidden = vectors + parts.positions[: vectors.shape[1]]
        wanted = hidden
        for number, block in enumerate(parts.blocks, -len(parts.blocks)):
            hidden = block(hidden)
            if number == layer:
                wanted = hidden
        return wanted, hidden

    def normalize(self, hidden: Tensor) -> Tensor:
        """Apply the final layer norm, (..., D) -> (..., D)."""
        normalized: Tensor = self._parts().final_norm(hidden)
        return normalized

    def project(self, pooled: Tensor) -> Tensor:
        """Project normalised vectors into the space shared with pictures, (B, D) -> (B, P); none: unchanged."""
        projection = self._parts().projection
        return pooled if projection is None else F.linear(pooled, projection)


def build_text_tower(config: TextConfig) -> TextTower:
    """Build the tower that a configuration describes, with untrained weights."""
    return ClipTower(config) if config.layout == "clip" else OpenClipTower(config)


def quick_gelu(x: Tensor) -> Tensor:
    """Return x * sigmoid(1.702 x), OpenAI CLIP's approximation of GELU (`QuickGELU` in model.py)."""
    return x * torch.sigmoid(1.702 * x)


_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {"gelu": F.gelu, "quick_gelu": quick_gelu}


def _attend(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """Attend to earlier tokens, padding included, (B, T, D) -> (B, T, D)."""
    q, k, v = (x.view(*x.shape[:2], heads, -1).transpose(1, 2) for x in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)


# The layout of Hugging Face.


class _ClipAttention(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads = config.heads
        self.q_proj, self.k_proj, self.v_proj, self.out_proj = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        attended: Tensor = self.out_proj(_attend(self.q_proj(x), self.k_proj(x), self.v_proj(x), self.heads))
        return attended


class _ClipMlp(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.activation = _ACTIVATIONS[config.activation]
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate)
        self.fc2 = nn.Linear(config.intermediate, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.fc2(self.activation(self.fc1(x)))
        return result


class _ClipBlock(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.self_attn = _ClipAttention(config)
        self.layer_norm1 = nn.LayerNorm(config.hidden_size)
        self.mlp = _ClipMlp(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))  # type: ignore[no-any-return]


class _ClipEmbeddings(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocab_size, config.hidden_size)
        self.position_embedding = nn.Embedding(config.max_length, config.hidden_size)
        self.register_load_state_dict_pre_hook(_drop_position_ids)  # type: ignore[no-untyped-call]


def _drop_position_ids(_: nn.Module, state_dict: dict[str, Any], prefix: str, *__: Any) -> None:
    # Files hold 0 ... 76 as integers, as floats that went through half precision, or not at all: nothing to read there.
    state_dict.pop(f"{prefix}position_ids", None)


class _ClipEncoder(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_ClipBlock(config) for _ in range(config.layers))


class _ClipTransformer(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.embeddings = _ClipEmbeddings(config)
        self.encoder = _ClipEncoder(config)
        self.final_layer_norm = nn.LayerNorm(config.hidden_size)


class ClipTower(TextTower):
    """Hugging Face's layout: `text_model.…`, and `text_projection.weight` where there is a projection."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__(config)
        self.text_model = _ClipTransformer(config)
        self.text_projection: nn.Linear | None = None
        if config.projection is not None:
            self.text_projection = nn.Linear(config.hidden_size, config.projection, bias=False)

    def _parts(self) -> _Parts:
        model = self.text_model
        return _Parts(
            tokens=model.embeddings.token_embedding,
            positions=model.embeddings.position_embedding.weight,
            blocks=model.encoder.layers,
            final_norm=model.final_layer_norm,
            projection=None if self.text_projection is None else self.text_projection.weight,
        )


# The layout of open_clip.


class _OpenClipAttention(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads = config.heads
        self.in_proj_weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(3 * width, width)))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        attended: Tensor = self.out_proj(_attend(q, k, v, self.heads))
        return attended


class _OpenClipMlp(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.activation = _ACTIVATIONS[config.activation]
        self.c_fc = nn.Linear(config.hidden_size, config.intermediate)
        self.c_proj = nn.Linear(config.intermediate, config.hidden_size)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.c_proj(self.activation(self.c_fc(x)))
        return result


class _OpenClipBlock(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(config.hidden_size)
        self.attn = _OpenClipAttention(config)
        self.ln_2 = nn.LayerNorm(config.hidden_size)
        self.mlp = _OpenClipMlp(config)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))  # type: ignore[no-any-return]


class _OpenClipTransformer(nn.Module):
    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(_OpenClipBlock(config) for _ in range(config.layers))


class OpenClipTower(TextTower):
    """open_clip's layout; `logit_scale` is stored in the files and used only in CLIP's own training."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__(config)
        width = config.hidden_size
        self.positional_embedding = nn.Parameter(nn.init.normal_(torch.empty(config.max_length, width), std=0.01))
        self.token_embedding = nn.Embedding(config.vocab_size, width)
        self.transformer = _OpenClipTransformer(config)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(
            nn.init.normal_(torch.empty(width, config.projection or width), std=width**-0.5)
        )
        self.logit_scale = nn.Parameter(torch.tensor(log(1 / 0.07)))

    def _parts(self) -> _Parts:
        return _Parts(
            tokens=self.token_embedding,
            positions=self.positional_embedding,
            blocks=self.transformer.resblocks,
            final_norm=self.ln_final,
            projection=self.text_projection.T,
        )
