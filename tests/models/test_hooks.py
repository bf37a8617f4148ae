"""Patches inside the UNet: where they act, what they are told, and that they change nothing where they do nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from ldm_nodes.models.config import UNetConfig
from ldm_nodes.models.hooks import Hooks
from ldm_nodes.models.unet import UNetModel

CONFIG = UNetConfig(
    in_channels=4, out_channels=4, model_channels=32, num_res_blocks=1, attention_resolutions=(1, 2),
    channel_mult=(1, 2), num_heads=4, use_spatial_transformer=True, context_dim=8, transformer_depth=2,
)  # fmt: skip
PLACES = [("input", 1), ("input", 3), ("middle", 0), ("output", 0), ("output", 1), ("output", 2), ("output", 3)]
X, T = torch.randn(2, 4, 8, 8, generator=torch.Generator().manual_seed(1)), torch.tensor([5.0, 900.0])


@pytest.fixture(scope="module")
def unet() -> Iterator[UNetModel]:
    with torch.random.fork_rng(), torch.no_grad():
        torch.manual_seed(0)
        made = UNetModel(CONFIG).eval()
        for parameter in made.parameters():  # the zero-initialised ones too
            parameter.add_(torch.randn_like(parameter), alpha=0.05)
        yield made


def _run(unet: UNetModel, **options: Any) -> Tensor:
    context = torch.linspace(-1, 1, 2 * 5 * 8).reshape(2, 5, 8)
    out: Tensor = unet(X, T, context=context, hooks=Hooks(options))
    return out


def _attended(q: Tensor, k: Tensor, v: Tensor, told: dict[str, Any]) -> Tensor:
    """Return plain attention, written anew."""
    q, k, v = (x.reshape(*x.shape[:2], told["n_heads"], told["dim_head"]).transpose(1, 2) for x in (q, k, v))
    return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


def test_patches_that_change_nothing_change_nothing(unet: UNetModel) -> None:
    patches = {
        "attn1_patch": [lambda n, context, value, told: (n, context, value)],
        "attn2_patch": [lambda n, context, value, told: (n, context, value)],
        "attn1_output_patch": [lambda n, told: n],
        "attn2_output_patch": [lambda n, told: n],
        "middle_patch": [lambda x, told: x],
        "input_block_patch": [lambda h, told: h],
        "input_block_patch_after_skip": [lambda h, told: h],
        "output_block_patch": [lambda h, skip, told: (h, skip)],
        "emb_patch": [lambda emb, channels, told: emb],
    }
    replace = {kind: dict.fromkeys(PLACES, _attended) for kind in ("attn1", "attn2")}
    plain = _run(unet)
    torch.testing.assert_close(_run(unet, patches=patches), plain)
    torch.testing.assert_close(_run(unet, patches_replace=replace), plain)


def test_every_transformer_block_is_told_where_it_is(unet: UNetModel) -> None:
    seen: list[tuple[Any, ...]] = []

    def note(n: Tensor, told: dict[str, Any]) -> Tensor:
        seen.append((told["block"], told["block_index"], told["transformer_index"], *told["activations_shape"]))
        return n

    _run(unet, patches={"attn1_output_patch": [note]})
    assert [(where, index) for where, index, *_ in seen] == [(place, i) for place in PLACES for i in (0, 1)]
    assert [number for _, _, number, *_ in seen] == list(range(2 * len(PLACES)))
    assert seen[0][3:] == (2, 32, 8, 8)
    assert seen[-5][3:] == (2, 64, 4, 4)


def test_a_replacement_for_one_transformer_wins_over_that_of_its_block(unet: UNetModel) -> None:
    called: list[str] = []

    def named(name: str) -> Any:
        def replacement(q: Tensor, k: Tensor, v: Tensor, told: dict[str, Any]) -> Tensor:
            called.append(name)
            return v

        return replacement

    _run(unet, patches_replace={"attn1": {("middle", 0): named("both"), ("middle", 0, 1): named("second")}})
    assert called == ["both", "second"]


def test_cross_attention_patches_see_the_context_and_may_change_it(unet: UNetModel) -> None:
    def other(n: Tensor, context: Tensor, value: Tensor, told: dict[str, Any]) -> tuple[Tensor, Tensor, Tensor]:
        assert context.shape == value.shape == (2, 5, 8)
        return n, context * 0, value * 0

    silenced = _run(unet, patches={"attn2_patch": [other]})
    nothing: Tensor = unet(X, T, context=torch.zeros(2, 5, 8))
    torch.testing.assert_close(silenced, nothing)


def test_blocks_are_told_their_numbers_and_the_skip_is_taken_before_the_second_patch(unet: UNetModel) -> None:
    entered: list[Any] = []
    left: dict[int, Tensor] = {}
    skips: list[Tensor] = []

    def on_input(h: Tensor, told: dict[str, Any]) -> Tensor:
        entered.append(told["block"])
        left[told["block"][1]] = h
        return h

    def on_output(h: Tensor, skip: Tensor, told: dict[str, Any]) -> tuple[Tensor, Tensor]:
        entered.append(told["block"])
        skips.append(skip)
        return h, skip

    _run(unet, patches={
        "input_block_patch": [on_input],
        "input_block_patch_after_skip": [lambda h, told: h * 2],
        "output_block_patch": [on_output],
    })  # fmt: skip
    assert entered == [("input", i) for i in range(4)] + [("output", i) for i in range(4)]
    assert all(torch.equal(skip, left[3 - i]) for i, skip in enumerate(skips))


def test_control_is_added_from_the_last_entry_on(unet: UNetModel) -> None:
    control: dict[str, list[Tensor | None]] = {
        "middle": [torch.ones(1, 64, 4, 4)],
        "output": [None, None, None, torch.ones(1, 64, 4, 4)],
    }
    seen: dict[str, Tensor] = {}

    def look(h: Tensor, skip: Tensor, told: dict[str, Any]) -> tuple[Tensor, Tensor]:
        seen.setdefault("h", h)
        seen.setdefault("skip", skip)
        return h, skip

    patches = {"output_block_patch": [look]}
    _run(unet, patches=patches)
    plain = dict(seen)
    seen.clear()
    _run(unet, patches=patches, control=control)
    torch.testing.assert_close(seen["h"], plain["h"] + 1)
    torch.testing.assert_close(seen["skip"], plain["skip"] + 1)
    assert len(control["output"]) == 4


def test_the_embedding_passes_through_its_patch(unet: UNetModel) -> None:
    widths: list[int] = []

    def silence(emb: Tensor, channels: int, told: dict[str, Any]) -> Tensor:
        widths.append(channels)
        return emb * 0

    changed = _run(unet, patches={"emb_patch": [silence]})
    assert widths == [32]
    assert not torch.allclose(changed, _run(unet))
