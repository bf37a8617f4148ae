"""SD 2 and SDXL through whole graphs, from complete checkpoints and from files of single parts."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from ldm_nodes.engine.errors import PromptRejected
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.foresight import look_ahead
from ldm_nodes.engine.plan import Plan, make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings
from tests.fakes import parts as fakes
from tests.fakes.checkpoints import save_checkpoints

Graph = dict[str, Any]
SIZE = {"width": 64, "height": 64}
TARGET = {"crop_w": 0, "crop_h": 0, "target_width": 1024, "target_height": 1024}
BIG = {"width": 1024, "height": 1024}


def node(class_type: str, **inputs: Any) -> Graph:
    return {"class_type": class_type, "inputs": inputs}


def sampled(clip: list[Any], model: list[Any], **more: Graph) -> Graph:
    """Return a graph that encodes a prompt in node 10 and decodes what it sampled in node 40."""
    nodes = {
        "10": node("CLIPTextEncode", text="a red fox", clip=clip),
        "11": node("CLIPTextEncode", text="", clip=clip),
        "20": node("EmptyLatentImage", **SIZE, batch_size=1),
        "30": node(
            "KSampler", model=model, positive=["10", 0], negative=["11", 0], latent_image=["20", 0], seed=5, steps=2,
            cfg=7.0, sampler_name="euler", scheduler="normal", denoise=1.0,
        ),
        "40": node("VAEDecode", samples=["30", 0], vae=["1", 2]),
    }  # fmt: skip
    return {**nodes, **more}


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Executor[Runtime]:
    base = tmp_path_factory.mktemp("families")
    save_checkpoints(base / "models" / "checkpoints", ("sd1", "sd2", "sd2-v", "sdxl", "sdxl-refiner"))
    for name in ("clip_l", "clip_g"):
        fakes.save(base / "models" / "text_encoders" / f"{name}.safetensors", fakes.tower(name))
    fakes.save(base / "models" / "diffusion_models" / "sdxl.safetensors", fakes.unet("sdxl"))
    configs = base / "models" / "configs"
    configs.mkdir()
    (configs / "v.yaml").write_text(
        "model:\n  params:\n    parameterization: v\n    cond_stage_config:\n      params:\n        layer_idx: -2\n"
    )
    (configs / "none.yaml").write_text("model: 3\n")
    runtime = Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))
    return Executor(builtin_registry(), runtime.cache, runtime)


def planned(executor: Executor[Runtime], nodes: Graph, target: str) -> Plan:
    return make_plan(Prompt.parse(nodes), executor.registry, executor.runtime.folders, [target])


def run(executor: Executor[Runtime], nodes: Graph, target: str = "40") -> Any:
    plan = planned(executor, nodes, target)
    assert not plan.problems
    return executor.run(plan).outputs[target]


def checkpoint(name: str) -> Graph:
    return node("CheckpointLoaderSimple", ckpt_name=f"{name}.safetensors")


@pytest.mark.parametrize("family", ["sd2", "sd2-v", "sdxl", "sdxl-refiner"])
def test_a_checkpoint_paints_what_the_prompt_says(executor: Executor[Runtime], family: str) -> None:
    nodes = {"1": checkpoint(family), **sampled(["1", 1], ["1", 0])}
    picture = run(executor, nodes)[0]
    assert picture.shape == (1, 64, 64, 3)
    assert picture.std() > 0.01
    nodes["10"] = node("CLIPTextEncode", text="a blue horse", clip=["1", 1])
    assert not torch.equal(picture, run(executor, nodes)[0])


def test_plain_prompts_say_the_size_of_the_picture_that_is_sampled(executor: Executor[Runtime]) -> None:
    """What CLIPTextEncode leaves out is what CLIPTextEncodeSDXL says of an uncut picture of the latent's size."""
    plain = {"1": checkpoint("sdxl"), **sampled(["1", 1], ["1", 0])}
    size = {**SIZE, "crop_w": 0, "crop_h": 0, "target_width": 64, "target_height": 64}
    said = {
        **plain,
        "10": node("CLIPTextEncodeSDXL", clip=["1", 1], text_g="a red fox", text_l="a red fox", **size),
        "11": node("CLIPTextEncodeSDXL", clip=["1", 1], text_g="", text_l="", **size),
    }
    assert torch.equal(run(executor, plain)[0], run(executor, said)[0])
    other = {**said, "10": node("CLIPTextEncodeSDXL", clip=["1", 1], text_g="a fox", text_l="a fox", **BIG, **TARGET)}
    assert not torch.equal(run(executor, plain)[0], run(executor, other)[0])


def test_the_refiner_finishes_what_the_base_began(executor: Executor[Runtime]) -> None:
    window = {"add_noise": "disable", "start_at_step": 2, "end_at_step": 10, "return_with_leftover_noise": "disable"}
    common = {"noise_seed": 1, "steps": 4, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal"}
    nodes = {
        "1": checkpoint("sdxl"),
        "2": checkpoint("sdxl-refiner"),
        **sampled(["1", 1], ["1", 0]),
        "50": node("CLIPTextEncodeSDXLRefiner", ascore=6.0, **BIG, text="a red fox", clip=["2", 1]),
        "51": node("CLIPTextEncodeSDXLRefiner", ascore=2.5, **BIG, text="", clip=["2", 1]),
        "60": node(
            "KSamplerAdvanced", model=["2", 0], positive=["50", 0], negative=["51", 0], latent_image=["30", 0],
            **common, **window,
        ),
        "70": node("VAEDecode", samples=["60", 0], vae=["1", 2]),
    }  # fmt: skip
    picture = run(executor, nodes, "70")[0]
    nodes["50"] = node("CLIPTextEncodeSDXLRefiner", ascore=1.0, **BIG, text="a red fox", clip=["2", 1])
    other = run(executor, nodes, "70")[0]
    assert picture.shape == other.shape == (1, 64, 64, 3)
    assert not torch.equal(picture, other)


def test_parts_from_files_of_their_own_make_a_model(executor: Executor[Runtime]) -> None:
    names = {"clip_name1": "clip_g.safetensors", "clip_name2": "clip_l.safetensors"}
    nodes = {
        "1": checkpoint("sdxl"),
        "2": node("DualCLIPLoader", **names, type="sdxl"),
        "3": node("UNETLoader", unet_name="sdxl.safetensors", weight_dtype="default"),
        **sampled(["2", 0], ["3", 0]),
    }
    assert run(executor, nodes)[0].std() > 0.01


def test_a_configuration_says_what_cannot_be_read_off_a_checkpoint(executor: Executor[Runtime]) -> None:
    plain, said = (
        run(executor, {"1": one}, "1")
        for one in (
            checkpoint("sd1"),
            node("CheckpointLoader", config_name="v.yaml", ckpt_name="sd1.safetensors"),
        )
    )
    assert (plain[0].prediction, said[0].prediction) == ("eps", "v")
    assert [encoder.readers[0].layer for encoder in (plain[1], said[1])] == [None, -2]
    assert said[0].network is plain[0].network


REFUSED = {
    "a text tower of another family": (
        node("CLIPLoader", clip_name="clip_l.safetensors", type="wan", device="default"),
        "Models of that family do not run here",
    ),
    "no configuration": (
        node("CheckpointLoader", config_name="none.yaml", ckpt_name="sd1.safetensors"), "none.yaml describes no model",
    ),
    "twice the same tower": (
        node("DualCLIPLoader", clip_name1="clip_l.safetensors", clip_name2="clip_l.safetensors", type="sdxl"),
        "SDXL's text encoder is one CLIP-L and one OpenCLIP-bigG",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_loaded_is_told_before_anything_runs(executor: Executor[Runtime], case: str) -> None:
    loader, words = REFUSED[case]
    with pytest.raises(PromptRejected, match=words):
        look_ahead(planned(executor, {"1": loader}, "1"), executor.registry)
