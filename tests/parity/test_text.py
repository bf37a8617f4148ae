"""Text towers and prompts against ComfyUI, the research code and transformers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import ldm_nodes
from ldm_nodes.models.checkpoint import open_checkpoint
from ldm_nodes.models.config import CLIP_L, OPENCLIP_BIGG, OPENCLIP_H, TextConfig
from ldm_nodes.models.text import TextTower, build_text_tower
from ldm_nodes.models.text_encoder import TextEncoder, build_text_encoder
from tests import golden

CHECKPOINT = Path(ldm_nodes.__file__).parent / "assets" / "checkpoints" / "tiny-sd-v1.safetensors"
TINY = TextConfig("clip", 8, layers=2, heads=2, intermediate=32, activation="quick_gelu")
CASE = golden.load("13_comfyui", "text")
RUNS = CASE.manifest["runs"]
PREFIXES = [run["prefix"] for run in RUNS]


@pytest.fixture(scope="module")
def tower() -> TextTower:
    weights = open_checkpoint(CHECKPOINT).under("cond_stage_model.transformer.")
    tower = build_text_tower(TINY)
    tower.load_state_dict({key: weights.tensor(key, torch.float32) for key in weights.tensors})
    return tower


@pytest.fixture(scope="module")
def encoder(tower: TextTower) -> TextEncoder:
    return build_text_encoder("sd1", [tower], [CASE.folder / "embeddings"])


@pytest.mark.parametrize("run", RUNS, ids=PREFIXES)
def test_prompts_become_comfyuis_tokens(encoder: TextEncoder, run: dict[str, Any]) -> None:
    prefix = run["prefix"]
    chunks = encoder.readers[0].chunks(run["text"], encoder.folders, lambda _: None)
    ids = [[token if isinstance(token, int) else -1 for token, _ in chunk] for chunk in chunks]
    CASE.assert_close(f"{prefix}.ids", torch.tensor(ids))
    CASE.assert_close(f"{prefix}.weights", torch.tensor([[weight for _, weight in chunk] for chunk in chunks]))
    for chunk, place, vector in run.get("embedding_rows", {"at": []})["at"]:
        token = chunks[chunk][place][0]
        assert isinstance(token, Tensor)
        assert token[:3].tolist() == pytest.approx(vector, abs=1e-4)


@pytest.mark.parametrize("run", RUNS, ids=PREFIXES)
def test_prompts_become_comfyuis_conditionings(encoder: TextEncoder, run: dict[str, Any]) -> None:
    layer = run.get("stop_at_clip_layer")
    context, pooled = (encoder if layer is None else encoder.with_layer(layer)).encode(run["text"])
    CASE.assert_close(f"{run['prefix']}.cond", context)
    CASE.assert_close(f"{run['prefix']}.pooled", pooled)


def test_all_prompts_at_once_become_the_same_conditionings(encoder: TextEncoder) -> None:
    runs = [run for run in RUNS if "stop_at_clip_layer" not in run]
    for run, (context, pooled) in zip(runs, encoder.encode_batch([run["text"] for run in runs]), strict=True):
        CASE.assert_close(f"{run['prefix']}.cond", context)
        CASE.assert_close(f"{run['prefix']}.pooled", pooled)


def test_plain_texts_become_the_research_codes_conditionings(encoder: TextEncoder) -> None:
    case = golden.load("11_checkpoint", "tiny_sd_v1")
    texts = [case.manifest[key] for key in ("prompt", "negative_prompt", "extra_prompt")]
    ids = [[token for token, _ in encoder.readers[0].plain_chunk(text)] for text in texts]
    case.assert_close("tokens", torch.tensor(ids))
    contexts = encoder.encode_plain(texts)
    for name, context in zip(("cond", "uncond", "cond_extra"), contexts, strict=True):
        case.assert_close(f"conditioning.{name}", context[None])


@pytest.mark.parametrize(
    ("config", "parameters", "tensors"),
    [(CLIP_L, 123_060_480, 196), (OPENCLIP_H, 354_032_641, 294), (OPENCLIP_BIGG, 694_659_841, 390)],
)
def test_released_towers_have_the_released_parameters(config: TextConfig, parameters: int, tensors: int) -> None:
    with torch.device("meta"):
        state = build_text_tower(config).state_dict()
    assert sum(tensor.numel() for tensor in state.values()) == parameters
    assert len(state) == tensors


# transformers, with random weights of the same sizes.

WIDE = TextConfig("clip", 16, layers=4, heads=2, intermediate=40, activation="gelu", projection=12)


def peer(config: TextConfig, seed: int = 0) -> Any:
    """Return transformers' model of the same sizes, its weights far enough from zero to tell layers apart."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    torch.manual_seed(seed)
    hugging = CLIPTextConfig(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        intermediate_size=config.intermediate,
        num_hidden_layers=config.layers,
        num_attention_heads=config.heads,
        hidden_act=config.activation,
        projection_dim=config.projection or 512,
        bos_token_id=49406,
        eos_token_id=49407,
    )
    model = (CLIPTextModelWithProjection if config.projection else CLIPTextModel)(hugging).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


def in_layout(config: TextConfig, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Rename and stack a state dict of transformers to the layout of `config`."""
    # Since version 5 the model without projection leaves out the first word of its names.
    state = {key if key.startswith("text_") else f"text_model.{key}": value for key, value in state.items()}
    if config.layout == "clip":
        return state
    fused: dict[str, Tensor] = {
        "positional_embedding": state.pop("text_model.embeddings.position_embedding.weight"),
        "text_projection": state.pop("text_projection.weight").T,
        "logit_scale": torch.tensor(1.0),
    }
    for n in range(config.layers):
        for part in ("weight", "bias"):
            stack = [state.pop(f"text_model.encoder.layers.{n}.self_attn.{x}_proj.{part}") for x in "qkv"]
            fused[f"transformer.resblocks.{n}.attn.in_proj_{part}"] = torch.cat(stack)
    names = [
        ("text_model.embeddings.", ""), ("text_model.encoder.layers.", "transformer.resblocks."),
        ("text_model.final_layer_norm", "ln_final"), ("self_attn", "attn"), ("layer_norm", "ln_"),
        ("fc1", "c_fc"), ("fc2", "c_proj"),
    ]  # fmt: skip
    for key, value in state.items():
        for old, new in names:
            key = key.replace(old, new)
        fused[key] = value
    return fused


def own(config: TextConfig, model: Any) -> TextTower:
    tower = build_text_tower(config)
    tower.load_state_dict(in_layout(config, model.state_dict()))
    return tower


@pytest.mark.parametrize("activation", ["gelu", "quick_gelu"])
@pytest.mark.parametrize("layout", ["clip", "openclip"])
def test_a_tower_equals_transformers(layout: Any, activation: Any) -> None:
    config = replace(WIDE, layout=layout, activation=activation)
    model = peer(config)
    tower = own(config, model)
    ids = torch.tensor([[49406, 320, 2368, 49407, *[49407] * 73], [49406, *range(1000, 1075), 49407]])
    with torch.no_grad():
        expected = model(ids, output_hidden_states=True)
        for layer in range(-4, 0):
            wanted, last = tower(tower.embed(ids), layer)
            torch.testing.assert_close(wanted, expected.hidden_states[layer])
        torch.testing.assert_close(tower.normalize(last), expected.last_hidden_state)
        pooled = tower.normalize(last[torch.arange(2), torch.tensor([3, 76])])
        torch.testing.assert_close(tower.project(pooled), expected.text_embeds)


def test_a_tower_without_projection_equals_transformers() -> None:
    config = replace(WIDE, projection=None)
    model = peer(config)
    encoder = build_text_encoder("sd1", [own(config, model)])
    context, pooled = encoder.encode("a cat")
    with torch.no_grad():
        expected = model(torch.tensor([[token for token, _ in encoder.readers[0].plain_chunk("a cat")]]))
    torch.testing.assert_close(context, expected.last_hidden_state)
    torch.testing.assert_close(pooled, expected.pooler_output)


@pytest.mark.parametrize(("family", "normalized"), [("sd2", True), ("sdxl_refiner", False)])
def test_openclip_families_read_the_last_block_but_one(family: str, normalized: bool) -> None:
    config = replace(WIDE, layout="openclip", pad_token=0)
    model = peer(config)
    context, pooled = build_text_encoder(family, [own(config, model)]).encode("a cat")
    with torch.no_grad():
        expected = model(torch.tensor([[49406, 320, 2368, 49407, *[0] * 73]]), output_hidden_states=True)
        hidden = expected.hidden_states[-2]
        torch.testing.assert_close(context, model.text_model.final_layer_norm(hidden) if normalized else hidden)
    torch.testing.assert_close(pooled, expected.text_embeds)


def test_sdxl_puts_both_towers_beside_each_other() -> None:
    small, large = replace(WIDE, projection=None), replace(WIDE, layout="openclip", hidden_size=24, pad_token=0)
    models = [peer(small), peer(large, seed=1)]
    encoder = build_text_encoder("sdxl", [own(small, models[0]), own(large, models[1])])
    context, pooled = encoder.encode("a cat")
    ids = [torch.tensor([[49406, 320, 2368, 49407, *[pad] * 73]]) for pad in (49407, 0)]
    with torch.no_grad():
        outputs = [model(i, output_hidden_states=True) for model, i in zip(models, ids, strict=True)]
    expected = torch.cat([output.hidden_states[-2] for output in outputs], dim=-1)
    torch.testing.assert_close(context, expected)
    torch.testing.assert_close(pooled, outputs[1].text_embeds)
