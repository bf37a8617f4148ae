"""What turns a class, a text or a picture into a condition (encoders/modules.py of CompVis).

A conditioner that does nothing is `torch.nn.Identity`; the CLIP towers live in `text.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import torch.nn.functional as F
from torch import Tensor, nn

from .attention import merge_heads, split_heads
from .config import TokenEncoderConfig
from .errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEADS, HEAD_WIDTH = 8, 64  # of the x-transformers encoder


class ClassEmbedder(nn.Module):
    """One learned token per class."""

    def __init__(self, embed_dim: int, n_classes: int = 1000, key: str = "class") -> None:
        super().__init__()
        self.key = key
        self.embedding = nn.Embedding(n_classes, embed_dim)

    def forward(self, ids: Tensor) -> Tensor:
        """Embed class ids (B,) as a context of one token (B, 1, embed_dim)."""
        tokens: Tensor = self.embedding(ids[:, None])
        return tokens


class TokenAttention(nn.Module):
    """Self-attention with eight heads of 64 (x-transformers)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        inner = HEADS * HEAD_WIDTH
        self.to_q = nn.Linear(dim, inner, bias=False)
        self.to_k = nn.Linear(dim, inner, bias=False)
        self.to_v = nn.Linear(dim, inner, bias=False)
        self.to_out = nn.Linear(inner, dim)

    def forward(self, x: Tensor) -> Tensor:
        """Attend over tokens (B, T, dim), padding included."""
        q, k, v = (split_heads(layer(x), HEADS) for layer in (self.to_q, self.to_k, self.to_v))
        out: Tensor = self.to_out(merge_heads(F.scaled_dot_product_attention(q, k, v)))
        return out


class TokenFeedForward(nn.Module):
    """Two linear layers around a GELU."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU()), nn.Identity(), nn.Linear(4 * dim, dim)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, T, dim) to (B, T, dim)."""
        out: Tensor = self.net(x)
        return out


class AttentionLayers(nn.Module):
    """Attention and feed-forward in turn, each normalised first and added to its input."""

    def __init__(self, dim: int, depth: int) -> None:
        super().__init__()
        kinds = [TokenAttention, TokenFeedForward] * depth
        self.layers = nn.ModuleList(nn.ModuleList([nn.LayerNorm(dim), kind(dim)]) for kind in kinds)

    def forward(self, x: Tensor) -> Tensor:
        """Transform tokens (B, T, dim)."""
        for pair in self.layers:
            norm, layer = pair.children()
            x = x + layer(norm(x))
        return x


class PositionEmbedding(nn.Module):
    """One learned vector per position."""

    def __init__(self, dim: int, max_seq_len: int) -> None:
        super().__init__()
        self.emb = nn.Embedding(max_seq_len, dim)

    def forward(self, length: int) -> Tensor:
        """Return the vectors (length, dim) of the first positions."""
        return self.emb.weight[:length]


class TokenEncoder(nn.Module):
    """A pre-norm transformer encoder over token ids (x-transformers' TransformerWrapper and Encoder)."""

    def __init__(self, config: TokenEncoderConfig) -> None:
        super().__init__()
        self.config = config
        dim = config.n_embed
        self.token_emb = nn.Embedding(config.vocab_size, dim)
        self.pos_emb = PositionEmbedding(dim, config.max_seq_len)
        self.emb_dropout = nn.Dropout(config.embedding_dropout)
        self.attn_layers = AttentionLayers(dim, config.n_layer)
        self.norm = nn.LayerNorm(dim)
        self.to_logits = nn.Linear(dim, config.vocab_size)  # stored in every checkpoint, used by none
        nn.init.normal_(self.token_emb.weight, std=0.02)
        nn.init.normal_(self.pos_emb.emb.weight, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        """Encode ids (B, T) as (B, T, n_embed).

        Raises:
            ValueError: there are more tokens than positions.
        """
        length = tokens.shape[1]
        if length > self.config.max_seq_len:
            raise ValueError(f"There are {length} tokens; this encoder takes {self.config.max_seq_len} at most.")
        x = self.emb_dropout(self.token_emb(tokens) + self.pos_emb(length))
        out: Tensor = self.norm(self.attn_layers(x))
        return out


class TransformerEmbedder(nn.Module):
    """A token encoder as a conditioner."""

    def __init__(self, n_embed: int, n_layer: int, vocab_size: int, max_seq_len: int = 77) -> None:
        super().__init__()
        self.transformer = TokenEncoder(TokenEncoderConfig(n_embed, n_layer, vocab_size, max_seq_len))

    def forward(self, tokens: Tensor) -> Tensor:
        """Encode ids (B, T) as (B, T, n_embed)."""
        out: Tensor = self.transformer(tokens)
        return out


class BERTEmbedder(nn.Module):
    """A token encoder over BERT's word pieces, the text model of LDM-1.45B.

    Args:
        config: sizes of the encoder.
        vocab: BERT's vocab.txt, one word piece a line; needed for text, not for token ids.
    """

    def __init__(self, config: TokenEncoderConfig, vocab: Path | None = None) -> None:
        super().__init__()
        self.transformer = TokenEncoder(config)
        self.max_length = config.max_seq_len
        self.vocab = vocab
        self._tokenizer: Any = None

    def tokenize(self, texts: Sequence[str]) -> Tensor:
        """Return the ids (B, max_length) of texts, cut and padded.

        Raises:
            ModelError: there is no vocabulary.
        """
        if self._tokenizer is None:
            self._tokenizer = _bert_tokenizer(self.vocab)
        batch = self._tokenizer(
            list(texts), truncation=True, max_length=self.max_length, padding="max_length", return_tensors="pt"
        )
        ids: Tensor = batch["input_ids"]
        return ids

    def forward(self, text: Sequence[str] | Tensor) -> Tensor:
        """Encode texts, or ids (B, T), as (B, T, n_embed)."""
        tokens = text if isinstance(text, Tensor) else self.tokenize(text)
        out: Tensor = self.transformer(tokens.to(self.transformer.norm.weight.device))
        return out


class SpatialRescaler(nn.Module):
    """Shrinks a picture-like condition to the latent's size, and maps its channels where `out_channels` says so."""

    def __init__(
        self,
        n_stages: int = 1,
        method: Literal["nearest", "linear", "bilinear", "trilinear", "bicubic", "area"] = "bilinear",
        multiplier: float = 0.5,
        in_channels: int = 3,
        out_channels: int | None = None,
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.n_stages = n_stages
        self.method = method
        self.multiplier = multiplier
        self.remaps = out_channels is not None
        if out_channels is not None:
            self.channel_mapper = nn.Conv2d(in_channels, out_channels, 1, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Rescale (B, C, H, W) `n_stages` times by `multiplier`."""
        for _ in range(self.n_stages):
            x = F.interpolate(x, scale_factor=self.multiplier, mode=self.method)
        if self.remaps:
            x = self.channel_mapper(x)
        return x


class HybridConditioner(nn.Module):
    """Two conditioners: one for channels, one for the context."""

    def __init__(self, concat_conditioner: nn.Module, crossattn_conditioner: nn.Module) -> None:
        super().__init__()
        self.concat_conditioner = concat_conditioner
        self.crossattn_conditioner = crossattn_conditioner

    def forward(self, c_concat: Any, c_crossattn: Any) -> dict[str, list[Tensor]]:
        """Return the conditions as `DiffusionWrapper` takes them."""
        return {
            "c_concat": [self.concat_conditioner(c_concat)],
            "c_crossattn": [self.crossattn_conditioner(c_crossattn)],
        }


def _bert_tokenizer(vocab: Path | None) -> Any:
    if vocab is None or not vocab.is_file():
        where = "no vocabulary was given" if vocab is None else f"{vocab} is not a file"
        raise ModelError(
            f"This model reads text as BERT word pieces and {where}: "
            "give the vocab.txt of bert-base-uncased (30522 lines)."
        )
    from transformers import BertTokenizerFast

    return BertTokenizerFast(str(vocab), do_lower_case=True)  # the argument's name changed with transformers 5
