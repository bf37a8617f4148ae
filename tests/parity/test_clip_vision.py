"""CLIP's picture towers against transformers, in both layouts, and what is done to pictures before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

from ldm_nodes.models.clip_vision import load_clip_vision, preprocess
from ldm_nodes.models.devices import pick_compute
from ldm_nodes.models.errors import UnknownFamily
from tests.parity.test_diffusers_networks import close, randomize

SIDE, WIDTH = 28, 64
COMPUTE = pick_compute("cpu", "fp32")


def tower(projection: int) -> Any:
    activation = "quick_gelu" if projection == 768 else "gelu"
    return randomize(
        CLIPVisionModelWithProjection(
            CLIPVisionConfig(
                hidden_size=WIDTH, intermediate_size=96, num_hidden_layers=3, num_attention_heads=16, image_size=SIDE,
                patch_size=7, projection_dim=projection, hidden_act=activation,
            )
        )
    )  # fmt: skip


def state_of(theirs: Any) -> dict[str, Tensor]:
    kept = {name: tensor.contiguous() for name, tensor in theirs.state_dict().items() if "position_ids" not in name}
    spelt = {name.replace("pre_layernorm", "pre_layrnorm"): tensor for name, tensor in kept.items()}
    return {
        name if name.startswith(("vision_model.", "visual_")) else f"vision_model.{name}": x
        for name, x in spelt.items()
    }


def openclip(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Rename a tower as open_clip saves it."""
    model = "vision_model."
    made = {
        "class_embedding": state[f"{model}embeddings.class_embedding"],
        "positional_embedding": state[f"{model}embeddings.position_embedding.weight"],
        "conv1.weight": state[f"{model}embeddings.patch_embedding.weight"],
        "proj": state["visual_projection.weight"].t().contiguous(),
    }
    for kind in ("weight", "bias"):
        made[f"ln_pre.{kind}"] = state[f"{model}pre_layrnorm.{kind}"]
        made[f"ln_post.{kind}"] = state[f"{model}post_layernorm.{kind}"]
        for n in range(3):
            layer, block = f"{model}encoder.layers.{n}", f"transformer.resblocks.{n}"
            parts = [state[f"{layer}.self_attn.{part}_proj.{kind}"] for part in "qkv"]
            made[f"{block}.attn.in_proj_{kind}"] = torch.cat(parts)
            made[f"{block}.attn.out_proj.{kind}"] = state[f"{layer}.self_attn.out_proj.{kind}"]
            for theirs, ours in (("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"), ("mlp.c_fc", "mlp.fc1")):
                made[f"{block}.{theirs}.{kind}"] = state[f"{layer}.{ours}.{kind}"]
            made[f"{block}.mlp.c_proj.{kind}"] = state[f"{layer}.mlp.fc2.{kind}"]
    return {f"{prefix}{name}": tensor for name, tensor in made.items()}


@pytest.mark.parametrize("projection", [768, 40], ids=["OpenAI's", "open_clip's"])
@pytest.mark.parametrize("prefix", ["", "visual.", "embedder.model.visual."])
def test_towers_see_the_same(tmp_path: Path, projection: int, prefix: str) -> None:
    theirs = tower(projection)
    state = state_of(theirs)
    save_file(openclip(state, prefix) if prefix else state, tmp_path / "vision.safetensors")
    ours = load_clip_vision(tmp_path / "vision.safetensors", COMPUTE)
    image = torch.rand(2, 40, 50, 3, generator=torch.Generator().manual_seed(0))
    got = ours.encode_image(image)
    expected = theirs(preprocess(image, SIDE, crop=True), output_hidden_states=True)
    close(got.image_embeds, expected.image_embeds)
    close(got.last_hidden_state, expected.last_hidden_state)
    close(got.penultimate_hidden_states, expected.hidden_states[-2])


def test_pictures_are_prepared_as_by_the_processor() -> None:
    sizes = {"shortest_edge": SIDE}, {"height": SIDE, "width": SIDE}
    processor = CLIPImageProcessor(size=sizes[0], crop_size=sizes[1])
    image = torch.rand(1, 56, 70, 3, generator=torch.Generator().manual_seed(0))
    levels = (image * 255).round().to(torch.uint8)
    expected = processor(levels[0].numpy(), return_tensors="pt")["pixel_values"]
    got = preprocess(levels.float() / 255, SIDE, crop=True)
    assert got.shape == expected.shape
    assert (got - expected).abs().max() < 2.5 / 255 / 0.26  # Pillow rounds between the two axes


def test_without_cropping_the_whole_picture_is_squeezed() -> None:
    image = torch.zeros(1, 28, 56, 3)
    image[:, :, :2] = 1.0
    assert preprocess(image, SIDE, crop=False)[0, :, 5, 0].min() > 0
    assert preprocess(image, SIDE, crop=True)[0, :, 5, 0].max() < 0


def test_a_file_without_a_tower_is_named(tmp_path: Path) -> None:
    save_file({"x": torch.ones(1)}, tmp_path / "no.safetensors")
    with pytest.raises(UnknownFamily, match=r"no\.safetensors is .*; expected a CLIP vision tower"):
        load_clip_vision(tmp_path / "no.safetensors", COMPUTE)
