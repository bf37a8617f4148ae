"""Weight patches in the forms of community packs, and parts put into a network."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from ldm_nodes.models.errors import ModelError
from ldm_nodes.models.pack_patches import PackPatch, as_change, pack_patches, written_forms
from ldm_nodes.models.parts import with_parts

WEIGHT = torch.arange(6.0).reshape(2, 3)
ONES = torch.ones(2, 3)


def _patched(written: Any, strength: float = 0.5, strength_model: float = 1.0, key: Any = "w") -> Tensor:
    (patch,), _ = pack_patches({key: written}, {"w"}, strength, strength_model)
    weight = WEIGHT.clone()
    patch.apply(weight)
    return weight


@pytest.mark.parametrize("written", [(ONES,), ("diff", (ONES,)), ("diff", (ONES, {"pad_weight": False}))])
def test_a_difference_is_added_by_its_strength(written: Any) -> None:
    assert torch.equal(_patched(written), WEIGHT + 0.5)
    assert torch.equal(_patched(written, strength_model=2.0), 2 * WEIGHT + 0.5)


def test_a_weight_can_be_replaced_scaled_or_moved_towards_another() -> None:
    assert torch.equal(_patched(("set", (ONES,))), ONES)
    assert torch.equal(_patched((None,), 0.0, 3.0), 3 * WEIGHT)
    assert torch.equal(_patched(("model_as_lora", (ONES,)), 1.0), ONES)
    assert torch.equal(_patched(("model_as_lora", (ONES,)), 0.5), (WEIGHT + ONES) / 2)


def test_a_part_can_be_changed_and_the_difference_pass_through_a_function() -> None:
    row = torch.ones(1, 3)
    assert torch.equal(_patched((row,), 1.0, key=("w", (0, 1, 1))), WEIGHT + torch.tensor([[0.0], [1.0]]))
    doubled = _patched((row,), 1.0, key=("w", (0, 1, 1), lambda difference: 2 * difference))
    assert torch.equal(doubled, WEIGHT + torch.tensor([[0.0], [2.0]]))


def test_an_adapter_of_a_pack_is_asked_for_the_weight() -> None:
    class LowRank:
        def calculate_weight(
            self, weight: Tensor, key: str, strength: float, strength_model: float, offset: None, function: Any,
            intermediate_dtype: torch.dtype, original_weight: Tensor,
        ) -> Tensor:  # fmt: skip
            difference: Tensor = function(torch.ones_like(original_weight, dtype=intermediate_dtype))
            return weight + strength * difference

    assert torch.equal(_patched(LowRank()), WEIGHT + 0.5)


def test_weights_of_another_model_with_their_own_patches_can_be_merged() -> None:
    other = [(ONES, lambda weight: weight), (1.0, (ONES,), 1.0, None, None)]
    assert torch.equal(_patched(other, 0.25, 0.75), WEIGHT * 0.75 + 2 * 0.25)


def test_keys_that_the_network_lacks_are_left_out() -> None:
    made, keys = pack_patches({"w": (ONES,), "unknown": (ONES,)}, {"w"})
    assert keys == ["w"]
    assert written_forms(made) == {"w": [(1.0, (ONES,), 1.0, None, None)]}


def test_what_is_no_patch_is_told() -> None:
    with pytest.raises(ModelError, match="'unheard'"):
        as_change(("unheard", (ONES,)))
    with pytest.raises(ModelError, match=r"shape \(4,\), the weight \(2, 3\)"):
        PackPatch("w", as_change((torch.ones(4),)), 1.0).apply(WEIGHT.clone())


def test_parts_are_put_into_a_copy() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.Linear(2, 2), nn.ReLU()))
    x, before = torch.ones(1, 2), network(torch.ones(1, 2))
    changed = with_parts(network, {"1.0": nn.Identity(), "1.1": nn.Hardtanh(-1, 1)})
    assert torch.equal(changed(x), network[0](x).clamp(-1, 1))
    assert torch.equal(network(x), before)
    assert changed[0] is network[0]
