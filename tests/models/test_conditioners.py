"""Conditioners: classes, texts, pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

from ldm_nodes.models.conditioners import (
    BERTEmbedder,
    ClassEmbedder,
    HybridConditioner,
    SpatialRescaler,
    TokenEncoder,
    TransformerEmbedder,
)
from ldm_nodes.models.config import LDM_TEXT_ENCODER, TokenEncoderConfig
from ldm_nodes.models.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "red", "fox", "##es"]
TINY = TokenEncoderConfig(n_embed=16, n_layer=1, vocab_size=len(WORDS), max_seq_len=7)


@pytest.fixture
def vocab(tmp_path: Path) -> Path:
    path = tmp_path / "vocab.txt"
    path.write_text("\n".join(WORDS))
    return path


def test_class_embedder_gives_one_token() -> None:
    embedder = ClassEmbedder(embed_dim=6, n_classes=4)
    context = embedder(torch.tensor([3, 1]))
    assert context.shape == (2, 1, 6)
    assert torch.equal(context[0, 0], embedder.embedding.weight[3])


@pytest.mark.parametrize(
    ("config", "count"),
    [
        (LDM_TEXT_ENCODER, 581_994_042),
        (TokenEncoderConfig(640, 32), 186_154_682),
        (TokenEncoderConfig(512, 16, vocab_size=8192, max_seq_len=92), 58_858_496),
    ],
)
def test_size_of_the_released_text_models(config: TokenEncoderConfig, count: int) -> None:
    with torch.device("meta"):
        model = BERTEmbedder(config)
    assert sum(parameter.numel() for parameter in model.parameters()) == count


def test_names_in_the_checkpoint() -> None:
    assert set(TransformerEmbedder(16, 1, vocab_size=9).state_dict()) == {
        f"transformer.{name}"
        for name in (
            "token_emb.weight", "pos_emb.emb.weight", "norm.weight", "norm.bias", "to_logits.weight", "to_logits.bias",
            "attn_layers.layers.0.0.weight", "attn_layers.layers.0.0.bias",
            "attn_layers.layers.0.1.to_q.weight", "attn_layers.layers.0.1.to_k.weight",
            "attn_layers.layers.0.1.to_v.weight",
            "attn_layers.layers.0.1.to_out.weight", "attn_layers.layers.0.1.to_out.bias",
            "attn_layers.layers.1.0.weight", "attn_layers.layers.1.0.bias",
            "attn_layers.layers.1.1.net.0.0.weight", "attn_layers.layers.1.1.net.0.0.bias",
            "attn_layers.layers.1.1.net.2.weight", "attn_layers.layers.1.1.net.2.bias",
        )
    }  # fmt: skip


def test_texts_become_word_pieces(vocab: Path) -> None:
    ids = BERTEmbedder(TINY, vocab).tokenize(["A Red foxes", ""])
    assert ids.tolist() == [[2, 5, 6, 7, 8, 3, 0], [2, 3, 0, 0, 0, 0, 0]]


def test_texts_and_their_ids_give_the_same(vocab: Path) -> None:
    embedder = BERTEmbedder(TINY, vocab).eval()
    assert torch.equal(embedder(["a fox"]), embedder(torch.tensor([[2, 5, 7, 3, 0, 0, 0]])))


@pytest.mark.parametrize(("missing", "said"), [(None, "no vocabulary was given"), ("absent.txt", "is not a file")])
def test_a_missing_vocabulary_is_named(tmp_path: Path, missing: str | None, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        BERTEmbedder(TINY, None if missing is None else tmp_path / missing).tokenize(["a"])


def test_too_many_tokens() -> None:
    with pytest.raises(ValueError, match="8 tokens; this encoder takes 7"):
        TokenEncoder(TINY)(torch.zeros(1, 8, dtype=torch.int64))


def test_rescaler_halves_by_averaging() -> None:
    x = torch.arange(64.0).view(1, 1, 8, 8)
    halved = SpatialRescaler(n_stages=2)(x)
    assert torch.allclose(halved, x.unfold(2, 4, 4).unfold(3, 4, 4)[..., 1:3, 1:3].mean((-1, -2)))


def test_rescaler_maps_channels() -> None:
    rescaler = SpatialRescaler(n_stages=1, in_channels=5, out_channels=3)
    assert list(rescaler.state_dict()) == ["channel_mapper.weight"]
    assert rescaler(torch.zeros(2, 5, 8, 6)).shape == (2, 3, 4, 3)


def test_hybrid_conditioner_keeps_both() -> None:
    conditioner = HybridConditioner(nn.Identity(), ClassEmbedder(4, 3))
    mask, ids = torch.ones(2, 1, 4, 4), torch.tensor([0, 2])
    conditions = conditioner(mask, ids)
    assert torch.equal(conditions["c_concat"][0], mask)
    assert conditions["c_crossattn"][0].shape == (2, 1, 4)
    assert list(conditioner.state_dict()) == ["crossattn_conditioner.embedding.weight"]
