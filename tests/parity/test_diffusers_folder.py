"""Whole folders that diffusers and transformers saved, loaded here, against what those libraries compute."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.imaging import metadata
from ldm_nodes.models.describe import describe
from ldm_nodes.models.devices import Compute
from ldm_nodes.models.diffusers_folder import is_folder, load_folder
from ldm_nodes.models.errors import ModelError, UnsafeFile
from ldm_nodes.models.pool import ModelPool
from ldm_nodes.models.text_encoder import TextEncoder
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FP32 = Compute(torch.device("cpu"), torch.float32)
WIDTHS = (32, 64)
BLOCKS = {
    "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "CrossAttnUpBlock2D"),
}
PROMPT = "a fox in the snow"


def randomized(module: Any) -> Any:
    generator = torch.Generator().manual_seed(0)
    for parameter in module.parameters():
        scale = 0.3 if parameter.dim() == 1 else parameter[0].numel() ** -0.5
        parameter.data = torch.randn(parameter.shape, generator=generator) * scale + float(parameter.dim() == 1)
    return module.eval().requires_grad_(False)


def tower(kind: type[nn.Module], width: int, layers: int, activation: str) -> Any:
    sizes = CLIPTextConfig(
        vocab_size=49408, hidden_size=width, intermediate_size=2 * width, num_hidden_layers=layers,
        num_attention_heads=4, hidden_act=activation, projection_dim=24, eos_token_id=49407, bos_token_id=49406,
    )  # fmt: skip
    return randomized(kind(sizes))


def saved(folder: Path, parts: dict[str, Any], **scheduler: Any) -> Path:
    for name, part in parts.items():
        part.save_pretrained(folder / name)
    options = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, **scheduler}
    DDIMScheduler(**options).save_pretrained(folder / "scheduler")
    index = {"_class_name": "StableDiffusionPipeline", **{name: ["library", "class"] for name in parts}}
    (folder / "model_index.json").write_text(json.dumps(index))
    return folder


def vae() -> Any:
    kind = {"down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4}
    return randomized(AutoencoderKL(block_out_channels=(32,) * 4, layers_per_block=1, latent_channels=4, **kind))


def sd1() -> dict[str, Any]:
    unet = UNet2DConditionModel(block_out_channels=WIDTHS, cross_attention_dim=32, attention_head_dim=4, **BLOCKS)
    return {"unet": randomized(unet), "vae": vae(), "text_encoder": tower(CLIPTextModel, 32, 3, "quick_gelu")}


def sd2() -> dict[str, Any]:
    options = {"attention_head_dim": (2, 4), "use_linear_projection": True, **BLOCKS}
    unet = UNet2DConditionModel(block_out_channels=WIDTHS, cross_attention_dim=40, **options)
    return {"unet": randomized(unet), "vae": vae(), "text_encoder": tower(CLIPTextModel, 40, 3, "gelu")}


def sdxl() -> dict[str, Any]:
    options = {
        "attention_head_dim": (2, 4), "use_linear_projection": True, "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": 6 * 256 + 24, **BLOCKS,
    }  # fmt: skip
    unet = UNet2DConditionModel(block_out_channels=WIDTHS, cross_attention_dim=32 + 40, **options)
    towers = (tower(CLIPTextModel, 32, 3, "quick_gelu"), tower(CLIPTextModelWithProjection, 40, 3, "gelu"))
    return {"unet": randomized(unet), "vae": vae(), "text_encoder": towers[0], "text_encoder_2": towers[1]}


def close(got: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5 * float(expected.abs().max()))


def ids(encoder: TextEncoder, reader: int) -> Tensor:
    return torch.tensor([[token for token, _ in encoder.readers[reader].plain_chunk(PROMPT)]])


FAMILIES: dict[str, Callable[[], dict[str, Any]]] = {"sd1": sd1, "sd2": sd2, "sdxl": sdxl}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_folder_computes_what_its_authors_library_computes(family: str, tmp_path: Path) -> None:
    parts = FAMILIES[family]()
    loaded = load_folder(saved(tmp_path, parts), FP32)
    assert loaded.config.family == family
    assert isinstance(loaded.conditioner, TextEncoder)
    context, pooled = loaded.conditioner.encode(PROMPT)
    towers = [part for name, part in parts.items() if name.startswith("text")]
    outputs = [part(ids(loaded.conditioner, i), output_hidden_states=True) for i, part in enumerate(towers)]
    if family == "sdxl":
        close(context, torch.cat([output.hidden_states[-2] for output in outputs], dim=-1))
        close(pooled, outputs[1].text_embeds)
    else:
        close(context, outputs[0].last_hidden_state)
    x, t = torch.randn(1, 4, 8, 12, generator=torch.Generator().manual_seed(1)), torch.tensor([301])
    conditions = loaded.model.conditions(context, {"pooled_output": pooled}, x.shape, False)
    sizes = torch.tensor([[64, 96, 0, 0, 64, 96]])
    added = {"added_cond_kwargs": {"text_embeds": pooled, "time_ids": sizes}} if family == "sdxl" else {}
    close(loaded.model.predict(x, t, conditions), parts["unet"](x, t, encoder_hidden_states=context, **added).sample)
    assert loaded.first_stage is not None
    close(loaded.first_stage.model.decode(x), parts["vae"].decode(x).sample)


def test_the_scheduler_says_what_is_predicted_and_how_noise_grows(tmp_path: Path) -> None:
    scheduler = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "beta_end": 0.0121}
    loaded = load_folder(saved(tmp_path, sd1(), **scheduler), FP32)
    assert loaded.model.prediction == "v"
    assert loaded.config.betas.end == 0.0121
    assert loaded.model.noise_schedule.alphas_cumprod[-1] < 1e-7


def test_the_pool_takes_folders_too(tmp_path: Path) -> None:
    folder = saved(tmp_path, sd1())
    pool = ModelPool()
    assert is_folder(folder)
    assert pool.checkpoint(folder, FP32) is pool.checkpoint(folder, FP32)
    latent = torch.zeros(1, 4, 2, 2)
    assert torch.equal(
        pool.first_stage(folder, FP32).decode(latent),
        load_folder(folder, FP32).first_stage.decode(latent),  # type: ignore[union-attr]
    )


def test_a_folder_is_described_without_loading_it(tmp_path: Path) -> None:
    parts = sd2()
    found = describe(saved(tmp_path, parts, prediction_type="v_prediction"))
    assert (found.format, found.family, found.settings["prediction"]) == ("folder of diffusers", "sd2", "v")
    assert {name: part.parameters for name, part in found.parts.items()} == {
        name: sum(parameter.numel() for parameter in part.parameters()) for name, part in parts.items()
    }


def test_the_node_sees_changes_and_tells_what_it_loaded(tmp_path: Path) -> None:
    folder = saved(tmp_path / "models" / "diffusers" / "tiny", sd1())
    runtime = Runtime(Settings(Folders.under(tmp_path), device="cpu", precision="fp32"))
    executor = Executor(builtin_registry(), runtime.cache, runtime)
    nodes = {
        "1": {"class_type": "DiffusersLoader", "inputs": {"model_path": "tiny"}},
        "2": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
        "3": {"class_type": "VAEDecode", "inputs": {"vae": ["1", 2], "samples": ["2", 0]}},
        "4": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "x"}},
    }

    def run() -> tuple[str, str]:
        result = executor.run(make_plan(Prompt.parse(nodes), executor.registry, runtime.folders))
        picture = max(runtime.folders.output.glob("*.png"))
        (step,) = (step for step in metadata.read(picture).provenance["steps"] if "folder" in step)
        assert str(tmp_path) not in str(step)
        return result.nodes["1"].status, step["sha256"]

    first, again = run(), run()
    assert first == ("ran", runtime.pool.sha256(folder))
    assert again == ("reused", first[1])
    changed(folder / "scheduler" / "scheduler_config.json", beta_end=0.0121)
    assert run() == ("ran", runtime.pool.sha256(folder))


def changed(path: Path, **values: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def shortened(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


BROKEN: dict[str, tuple[Callable[[Path], Any], str]] = {
    "no weights": (lambda f: (f / "unet" / "diffusion_pytorch_model.safetensors").unlink(), "unet holds no weights"),
    "no config": (lambda f: (f / "vae" / "config.json").unlink(), "vae/config.json cannot be read"),
    "not JSON": (lambda f: (f / "unet" / "config.json").write_text("{"), "unet/config.json cannot be read"),
    "not a table": (lambda f: (f / "unet" / "config.json").write_text("[]"), "is not a JSON table"),
    "another pipeline": (lambda f: (f / "model_index.json").write_text('{"_class_name": "Flux"}'), "describes a Flux"),
    "another scheduler": (
        lambda f: (f / "scheduler" / "scheduler_config.json").write_text('{"prediction_type": "flow"}'),
        "predicts 'flow'",
    ),
    "an index that is no table": (lambda f: (f / "model_index.json").write_text("[1]"), "is not a JSON table"),
    "an index without parts": (lambda f: (f / "model_index.json").write_text('{"unet": null}'), "with a UNet"),
    "an index as long as a book": (lambda f: (f / "model_index.json").write_text(" " * (1 << 21)), "at most 1 MB"),
    "another scale": (
        lambda f: changed(f / "vae" / "config.json", scaling_factor=float("nan")),
        "scaling_factor is nan",
    ),
    "endless training": (
        lambda f: changed(f / "scheduler" / "scheduler_config.json", num_train_timesteps=10**9),
        "number of timesteps is 1000000000; expected a whole number from 1 to 65536",
    ),
    "endless layers": (
        lambda f: changed(f / "unet" / "config.json", layers_per_block=10**9),
        "unet/config.json cannot be used: num_res_blocks is 1000000000; expected a whole number",
    ),
    "truncated weights": (
        lambda f: shortened(f / "unet" / "diffusion_pytorch_model.safetensors"),
        "diffusion_pytorch_model.safetensors is not a sound safetensors file",
    ),
    "cut weights": (
        lambda f: (f / "vae" / "diffusion_pytorch_model.safetensors").write_bytes(b"\x10" * 99),
        "is a text file",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_folder_is_named(case: str, tmp_path: Path) -> None:
    folder = saved(tmp_path, sd1())
    breaking, reason = BROKEN[case]
    breaking(folder)
    with pytest.raises(ModelError, match=reason) as caught:
        load_folder(folder, FP32)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ["unet", "unet/config.json"])
def test_no_part_is_read_through_a_link_that_leads_outside(name: str, tmp_path: Path) -> None:
    folder = saved(tmp_path / "model", sd1())
    (folder / name).rename(tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeFile, match="is a link that leads outside the folder"):
        load_folder(folder, FP32)


def test_the_links_of_the_cache_of_the_hub_are_followed(tmp_path: Path) -> None:
    folder = saved(tmp_path / "models--tiny" / "snapshots" / "abc", sd1())
    blobs = tmp_path / "models--tiny" / "blobs"
    blobs.mkdir()
    (folder / "unet" / "config.json").rename(blobs / "1")
    (folder / "unet" / "config.json").symlink_to("../../../blobs/1")
    assert load_folder(folder, FP32).config.family == "sd1"
