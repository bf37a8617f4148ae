"""LoRA: each form by its published formula, each spelling of names on diffusers' networks, and what stays untouched."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from ldm_nodes.models import diffusers_config, key_maps
from ldm_nodes.models.adapters import read_change
from ldm_nodes.models.devices import pick_compute
from ldm_nodes.models.errors import UnknownFamily
from ldm_nodes.models.loader import LoadedCheckpoint, load_checkpoint
from ldm_nodes.models.lora import LoraFile, apply_lora, read_lora
from ldm_nodes.models.lora_names import locate, split_key
from ldm_nodes.models.packing import Packed, pack
from ldm_nodes.models.patching import Patch, patched_copy
from ldm_nodes.models.text import build_text_tower
from tests.fakes.checkpoints import save_checkpoints
from tests.fakes.loras import ALPHA, RANK, factors, kohya, layers, save_loras
from tests.parity.test_diffusers_networks import SD1, SDXL, close, inputs, pair_of_unets, randomize, settings

DRAW = torch.Generator().manual_seed(5)


def draw(*shape: int) -> Tensor:
    return torch.randn(shape, generator=DRAW)


def difference(weight: Tensor, **parts: Tensor) -> Tensor:
    change = read_change(parts)
    assert change is not None
    return change.difference(weight).reshape(weight.shape)


def test_lora_of_a_convolution_is_the_two_convolutions_after_each_other() -> None:
    down, up, x = draw(3, 4, 3, 3), draw(6, 3, 1, 1), draw(1, 4, 5, 5)
    got = difference(torch.zeros(6, 4, 3, 3), down=down, up=up, alpha=torch.tensor(1.5))
    expected = torch.conv2d(torch.conv2d(x, down, padding=1), up) * (1.5 / 3)
    torch.testing.assert_close(torch.conv2d(x, got, padding=1), expected)


def test_lora_with_a_core_is_three_convolutions_after_each_other() -> None:
    down, mid, up, x = draw(3, 4, 1, 1), draw(3, 3, 3, 3), draw(6, 3, 1, 1), draw(1, 4, 5, 5)
    got = difference(torch.zeros(6, 4, 3, 3), down=down, mid=mid, up=up)
    expected = torch.conv2d(torch.conv2d(torch.conv2d(x, down), mid, padding=1), up)
    torch.testing.assert_close(torch.conv2d(x, got, padding=1), expected)


def test_loha_multiplies_two_products_element_by_element() -> None:
    w1a, w1b, w2a, w2b = draw(6, 2), draw(2, 4), draw(6, 2), draw(2, 4)
    got = difference(
        torch.zeros(6, 4), hada_w1_a=w1a, hada_w1_b=w1b, hada_w2_a=w2a, hada_w2_b=w2b, alpha=torch.tensor(1.0)
    )
    torch.testing.assert_close(got, (w1a @ w1b) * (w2a @ w2b) / 2)


def test_loha_with_cores_multiplies_two_convolutions() -> None:
    parts = {f"hada_w{n}_{end}": draw(2, size) for n in (1, 2) for end, size in (("a", 6), ("b", 4))}
    cores = {f"hada_t{n}": draw(2, 2, 3, 3) for n in (1, 2)}
    got = difference(torch.zeros(6, 4, 3, 3), **parts, **cores)
    expected = torch.ones(6, 4, 3, 3)
    for n in (1, 2):
        rows, columns, core = parts[f"hada_w{n}_a"], parts[f"hada_w{n}_b"], cores[f"hada_t{n}"]
        total = torch.zeros(6, 4, 3, 3)
        for i in range(2):
            for j in range(2):
                total += rows[i][:, None, None, None] * columns[j][None, :, None, None] * core[i, j]
        expected *= total
    torch.testing.assert_close(got, expected)


@pytest.mark.parametrize("factored", [False, True], ids=["whole", "factored"])
def test_lokr_is_a_kronecker_product(factored: bool) -> None:
    w1, a, b = draw(2, 3), draw(3, 2), draw(2, 2 * 9)
    second = {"lokr_w2_a": a, "lokr_w2_b": b} if factored else {"lokr_w2": (a @ b).view(3, 2, 3, 3)}
    got = difference(torch.zeros(6, 6, 3, 3), lokr_w1=w1, alpha=torch.tensor(4.0), **second)
    blocks = (a @ b).view(3, 2, 3, 3) * (4.0 / 2 if factored else 1.0)  # without factors there is no rank
    for i in range(2):
        for j in range(3):
            torch.testing.assert_close(got[3 * i : 3 * i + 3, 2 * j : 2 * j + 2], w1[i, j] * blocks)


def test_glora_reads_the_weight() -> None:
    weight, a1, a2, b1, b2 = draw(6, 4), draw(4, 2), draw(2, 4), draw(6, 2), draw(2, 4)
    torch.testing.assert_close(difference(weight, a1=a1, a2=a2, b1=b1, b2=b2), weight @ a1 @ a2 + b1 @ b2)


@pytest.mark.parametrize("axis", [0, 1], ids=["rows", "columns"])
def test_dora_sets_the_lengths(axis: int) -> None:
    weight, down, up = draw(6, 4), draw(2, 4), draw(6, 2)
    lengths = torch.rand((6, 1) if axis == 0 else (1, 4), generator=DRAW) + 1
    changed = weight + difference(weight, down=down, up=up, dora_scale=lengths)
    torch.testing.assert_close(changed.norm(dim=1 - axis, keepdim=True), lengths)
    torch.testing.assert_close(
        torch.cosine_similarity(changed, weight + up @ down, dim=1 - axis), torch.ones(changed.shape[axis])
    )


@pytest.mark.parametrize(
    "key",
    [
        "lora_unet_down_blocks_0_attentions_1_transformer_blocks_0_attn1_to_out_0.lora_down.weight",
        "unet.down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0.lora_A.weight",
        "unet.base_model.model.down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0.lora_A.default.weight",
        "unet.down_blocks.0.attentions.1.transformer_blocks.0.attn1.processor.to_out_lora.down.weight",
        "down_blocks.0.attentions.1.transformer_blocks.0.attn1.processor.to_out_lora.down.weight",
        "unet.down_blocks.0.attentions.1.transformer_blocks.0.attn1.to_out.0.lora.down.weight",
    ],
)
def test_all_spellings_of_an_attention_layer_mean_the_same(key: str) -> None:
    split = split_key(key)
    assert split is not None
    assert split[1] == "down"
    assert locate(split[0]) == ("unet", "down_blocks_0_attentions_1_transformer_blocks_0_attn1_to_out_0")


@pytest.mark.parametrize(
    "key",
    [
        "lora_te1_text_model_encoder_layers_3_self_attn_q_proj.lora_up.weight",
        "lora_te_text_model_encoder_layers_3_self_attn_q_proj.lora_up.weight",
        "text_encoder.text_model.encoder.layers.3.self_attn.q_proj.lora_B.weight",
        "text_encoder.text_model.encoder.layers.3.self_attn.to_q_lora.up.weight",
        "text_encoder.text_model.encoder.layers.3.self_attn.q_proj.lora_linear_layer.up.weight",
    ],
)
def test_all_spellings_of_a_text_layer_mean_the_same(key: str) -> None:
    split = split_key(key)
    assert split is not None
    assert split[1] == "up"
    assert locate(split[0]) == ("text", "text_model_encoder_layers_3_self_attn_q_proj")


def fused(theirs: Any, names: dict[str, tuple[int, ...]], scale: float) -> Any:
    """Return a copy of a peer's network with every layer changed by hand."""
    changed = copy.deepcopy(theirs)
    for seed, (name, shape) in enumerate(names.items()):
        down, up = factors(shape, seed)
        weight = changed.get_submodule(name).weight
        weight.data += (up.flatten(1) @ down.flatten(1)).reshape(weight.shape) * scale
    return changed


def patches_for(key_map: key_maps.KeyMap, names: dict[str, tuple[int, ...]], strength: float) -> list[Patch]:
    """Return the same changes for our network."""
    made = []
    for seed, (name, shape) in enumerate(names.items()):
        change = read_change(dict(zip(("down", "up"), factors(shape, seed), strict=True)))
        target = key_map[f"{name}.weight"]
        assert change is not None
        made.append(Patch(target.name, change, strength, target.part, target.transposed))
    return made


@pytest.mark.parametrize("options", [SD1, SDXL], ids=["sd1", "sdxl"])
def test_every_layer_of_a_unet_of_diffusers_is_found(options: dict[str, Any]) -> None:
    theirs, ours = pair_of_unets(options)
    names = layers(ours.config)
    key_map = key_maps.unet_key_map(ours.config)
    kohyas = {locate((split_key(key) or ("",))[0])[1] for key in kohya("lora_unet", names)}
    assert kohyas == {name.replace(".", "_") for name in names}
    changed = patched_copy(ours, patches_for(key_map, names, 0.7))
    theirs_changed = fused(theirs, names, 0.7)
    x, t, context = inputs(4, options["cross_attention_dim"])
    pooled, sizes = torch.randn(2, 20), torch.tensor([[512.0, 768, 0, 16, 512, 768]] * 2)
    y = None
    if options is SDXL:
        y = torch.cat([pooled, theirs.add_time_proj(sizes.flatten()).view(2, -1)], dim=1)
    added = {"text_embeds": pooled, "time_ids": sizes}
    expected = theirs_changed(x, t, encoder_hidden_states=context, added_cond_kwargs=added).sample
    close(changed(x, t, context, y=y), expected)


def test_stacked_queries_keys_and_values_are_changed_apart() -> None:
    sizes = CLIPTextConfig(
        vocab_size=99, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        hidden_act="gelu", projection_dim=20, eos_token_id=98, bos_token_id=97,
    )  # fmt: skip
    theirs = randomize(CLIPTextModelWithProjection(sizes))
    described = {**settings(theirs), "architectures": ["CLIPTextModelWithProjection"]}
    found = replace(diffusers_config.text_config(described), layout="openclip")
    ours = build_text_tower(found).eval().requires_grad_(False)
    ours.load_state_dict(key_maps.rename(theirs.state_dict(), key_maps.text_key_map(found)), strict=False)
    names = layers(found)
    changed = patched_copy(ours, patches_for(key_maps.text_key_map(found), names, 0.5))
    ids = torch.tensor([[97, 5, 9, 17, 98, 0, 0]])
    theirs_changed = fused(theirs, names, 0.5)
    close(changed.normalize(changed(changed.embed(ids))[1]), theirs_changed(ids).last_hidden_state)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lora")
    save_checkpoints(folder, ("sd1", "sdxl"))
    save_loras(folder, ("sd1", "sdxl"))
    return folder


def loaded(folder: Path, name: str) -> LoadedCheckpoint:
    return load_checkpoint(folder / f"{name}.safetensors", pick_compute("cpu", "fp32"))


@pytest.mark.parametrize("name", ["sd1", "sdxl"])
def test_a_file_finds_all_its_layers_and_leaves_the_model_as_it_was(tiny: Path, name: str) -> None:
    parts = loaded(tiny, name)
    before = {key: tensor.clone() for key, tensor in parts.module.state_dict().items()}
    lora = read_lora(tiny / f"{name}-kohya.safetensors")
    model, encoder, leftover = apply_lora(lora, parts.model, parts.conditioner, 0.8, 0.5)
    assert leftover.messages == []
    changed = model.running.state_dict()
    key = "diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_k.weight"
    layer = lora.layers["lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_k"]
    expected = before[f"model.{key}"] + 0.8 * ALPHA / RANK * layer["up"] @ layer["down"]
    torch.testing.assert_close(changed[key], expected)
    assert encoder is not None
    assert encoder.encode("fox")[0].ne(parts.conditioner.encode("fox")[0]).any()  # type: ignore[union-attr]
    after = parts.module.state_dict()
    assert all(torch.equal(tensor, after[key]) for key, tensor in before.items())


def test_untouched_weights_are_shared_and_a_stack_is_changed_once(tiny: Path) -> None:
    parts = loaded(tiny, "sd1")
    lora = read_lora(tiny / "sd1-peft.safetensors")
    once, _, _ = apply_lora(lora, parts.model, None, 0.5, 0.0)
    twice, _, _ = apply_lora(lora, once, None, 0.25, 0.0)
    assert once.patched is not None
    assert "network" not in vars(once.patched)  # nobody sampled with it
    direct, _, _ = apply_lora(lora, parts.model, None, 0.75, 0.0)
    for (key, got), (_, expected) in zip(
        twice.running.state_dict().items(), direct.running.state_dict().items(), strict=True
    ):
        torch.testing.assert_close(got, expected, msg=key)
    norm = "diffusion_model.out.0.weight"
    assert twice.running.get_parameter(norm) is parts.model.network.get_parameter(norm)


def test_packed_layers_are_changed_and_packed_again() -> None:
    _, ours = pair_of_unets(SD1)
    names = layers(ours.config)
    patches = patches_for(key_maps.unet_key_map(ours.config), names, 1.0)
    x, t, context = inputs(4, 24)
    expected = patched_copy(ours, patches)(x, t, context)
    plain = ours(x, t, context)
    pack(ours)
    changed = patched_copy(ours, patches)
    assert any(isinstance(layer, Packed) for layer in changed.modules())
    close(changed(x, t, context), expected)
    close(ours(x, t, context), plain)


def test_what_does_not_fit_is_counted(tiny: Path) -> None:
    parts = loaded(tiny, "sd1")
    lora = read_lora(tiny / "sd1-kohya.safetensors")
    strange = {"lora_unet_no_such_block": lora.layers["lora_unet_mid_block_attentions_0_proj_in"]}
    wrong = {"lora_unet_mid_block_attentions_0_proj_in": {"down": draw(2, 7), "up": draw(7, 2)}}
    changed = LoraFile("x.safetensors", {**lora.layers, **strange, **wrong}, ("what.is.this",))
    _, _, leftover = apply_lora(changed, parts.model, parts.conditioner, 1.0, 1.0)
    assert leftover.unknown == ("lora_unet_no_such_block", "what.is.this")
    assert leftover.unfit == ("lora_unet_mid_block_attentions_0_proj_in",)
    assert "2 layers that this model has no place for, such as 'lora_unet_no_such_block'" in leftover.messages[0]


def test_text_layers_are_no_leftover_of_a_model_alone(tiny: Path) -> None:
    lora = read_lora(tiny / "sd1-kohya.safetensors")
    _, _, leftover = apply_lora(lora, loaded(tiny, "sd1").model, None, 1.0, 0.0)
    assert leftover.messages == []


def test_a_file_that_is_no_lora_is_named(tmp_path: Path) -> None:
    save_file({"body.0.weight": torch.ones(1)}, tmp_path / "x.safetensors")
    with pytest.raises(UnknownFamily, match=r"x\.safetensors holds no LoRA: .*'body\.0\.weight'"):
        read_lora(tmp_path / "x.safetensors")


def test_alphas_in_the_header_count(tmp_path: Path) -> None:
    layer = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
    other = "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_k"
    down, up = factors((6, 4), 0)
    told = {"unet.r": RANK, "unet.lora_alpha": 6, "unet.alpha_pattern": {other.removeprefix("unet."): 3}}
    tensors = {f"{name}.lora_{end}.weight": x.clone() for name in (layer, other) for end, x in (("A", down), ("B", up))}
    save_file(tensors, tmp_path / "x.safetensors", {"lora_adapter_metadata": json.dumps(told)})
    layers = read_lora(tmp_path / "x.safetensors").layers
    zeros = torch.zeros(6, 4)
    torch.testing.assert_close(difference(zeros, **layers[layer]), up @ down * (6 / RANK))
    torch.testing.assert_close(difference(zeros, **layers[other]), up @ down * (3 / RANK))


def test_a_header_that_is_no_table_is_passed_over(tmp_path: Path) -> None:
    down, up = factors((6, 4), 0)
    tensors = {"unet.x.lora_A.weight": down, "unet.x.lora_B.weight": up}
    save_file(tensors, tmp_path / "x.safetensors", {"lora_adapter_metadata": "["})
    torch.testing.assert_close(
        difference(torch.zeros(6, 4), **read_lora(tmp_path / "x.safetensors").layers["unet.x"]), up @ down
    )
