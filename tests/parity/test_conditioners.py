"""The token encoder against torch's own pre-norm transformer, which computes the same from other names."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ldm_nodes.models.conditioners import HEADS, TokenEncoder
from ldm_nodes.models.config import TokenEncoderConfig

WIDTH = 512  # torch's attention is as wide as its input; ours is 512 wide always


def torchs(ours: TokenEncoder) -> nn.TransformerEncoder:
    """Return torch's encoder with the weights of ours."""
    layer = nn.TransformerEncoderLayer(
        WIDTH, HEADS, 4 * WIDTH, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    theirs = nn.TransformerEncoder(layer, ours.config.n_layer, norm=nn.LayerNorm(WIDTH), enable_nested_tensor=False)
    state = ours.state_dict()
    renamed: dict[str, Tensor] = {f"norm.{kind}": state[f"norm.{kind}"] for kind in ("weight", "bias")}
    for n in range(ours.config.n_layer):
        attention, feed_forward = f"attn_layers.layers.{2 * n}", f"attn_layers.layers.{2 * n + 1}"
        qkv = torch.cat([state[f"{attention}.1.to_{part}.weight"] for part in "qkv"])
        renamed |= {
            f"layers.{n}.self_attn.in_proj_weight": qkv,
            f"layers.{n}.self_attn.in_proj_bias": qkv.new_zeros(len(qkv)),
        }
        for kind in ("weight", "bias"):
            renamed |= {
                f"layers.{n}.norm1.{kind}": state[f"{attention}.0.{kind}"],
                f"layers.{n}.self_attn.out_proj.{kind}": state[f"{attention}.1.to_out.{kind}"],
                f"layers.{n}.norm2.{kind}": state[f"{feed_forward}.0.{kind}"],
                f"layers.{n}.linear1.{kind}": state[f"{feed_forward}.1.net.0.0.{kind}"],
                f"layers.{n}.linear2.{kind}": state[f"{feed_forward}.1.net.2.{kind}"],
            }
    theirs.load_state_dict(renamed, strict=True)
    return theirs.eval()


def test_token_encoder() -> None:
    torch.manual_seed(0)
    ours = TokenEncoder(TokenEncoderConfig(n_embed=WIDTH, n_layer=2, vocab_size=40, max_seq_len=9)).eval()
    tokens = torch.randint(40, (3, 7))
    with torch.no_grad():
        embedded = ours.token_emb.weight[tokens] + ours.pos_emb.emb.weight[:7]
        torch.testing.assert_close(ours(tokens), torchs(ours)(embedded), rtol=1e-5, atol=1e-5)
