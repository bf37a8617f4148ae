"""Models mixed, and models saved: against the definition, and against what is loaded again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import InputError, PromptRejected
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.foresight import look_ahead
from ldm_nodes.engine.plan import Plan, make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.settings import Folders, Settings
from tests.fakes.checkpoints import save_checkpoints

Graph = dict[str, Any]
UNET = "model.diffusion_model."
FAMILIES = ("sd1", "sd1-inpaint", "sd2", "sd2-v", "sdxl", "sdxl-refiner", "ldm-class", "ldm-text")


def node(class_type: str, **inputs: Any) -> Graph:
    return {"class_type": class_type, "inputs": inputs}


@pytest.fixture(scope="module")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Executor[Runtime]:
    base = tmp_path_factory.mktemp("merging")
    folder = base / "models" / "checkpoints"
    save_checkpoints(folder, FAMILIES)
    other = {name: x * 0.5 + 0.01 for name, x in load_file(folder / "sd1.safetensors").items()}
    save_file(other, folder / "other.safetensors")
    runtime = Runtime(Settings(Folders.under(base), device="cpu", precision="fp32"))
    return Executor(builtin_registry(), runtime.cache, runtime)


def planned(executor: Executor[Runtime], nodes: Graph, target: str) -> Plan:
    return make_plan(Prompt.parse(nodes), executor.registry, executor.runtime.folders, [target])


def run(executor: Executor[Runtime], nodes: Graph, target: str) -> Any:
    plan = planned(executor, nodes, target)
    assert not plan.problems
    return executor.run(plan).outputs[target]


def checkpoint(name: str) -> Graph:
    return node("CheckpointLoaderSimple", ckpt_name=f"{name}.safetensors")


TWO = {"1": checkpoint("sd1"), "2": checkpoint("other")}


def saved(executor: Executor[Runtime], **nodes: Graph) -> dict[str, Tensor]:
    """Return the weights that a saving node "save" writes."""
    before = set(executor.runtime.folders.output.rglob("*.safetensors"))
    run(executor, {**TWO, **nodes}, "save")
    (path,) = set(executor.runtime.folders.output.rglob("*.safetensors")) - before
    return load_file(path)


def weights(executor: Executor[Runtime], name: str) -> dict[str, Tensor]:
    return {key: x.float() for key, x in load_file(executor.runtime.folders.find("checkpoints", name)).items()}


Factors = Callable[..., Tensor]
MERGES: dict[str, tuple[dict[str, float], Factors]] = {
    "ModelMergeSimple": ({"ratio": 0.25}, lambda name, a, b: 0.25 * a + 0.75 * b),
    "ModelMergeBlocks": (
        {"input": 0.9, "middle": 0.5, "out": 0.2},
        lambda name, a, b: b + (a - b) * (0.5 if name.startswith("middle") else 0.2 if name.startswith("out") else 0.9),
    ),
    "ModelMergeSubtract": ({"multiplier": -2.0}, lambda name, a, b: -2.0 * (a - b)),
    "ModelMergeAdd": ({}, lambda name, a, b: a + b),
}  # fmt: skip


@pytest.mark.parametrize("class_type", MERGES)
def test_every_weight_of_the_network_is_mixed(executor: Executor[Runtime], class_type: str) -> None:
    inputs, expected = MERGES[class_type]
    merge = node(class_type, model1=["1", 0], model2=["2", 0], **inputs)
    got = saved(executor, merge=merge, save=node("ModelSave", model=["merge", 0], filename_prefix="m/x"))
    first, second = weights(executor, "sd1.safetensors"), weights(executor, "other.safetensors")
    assert got.keys() == {name for name in first if name.startswith(UNET)}
    for name, weight in got.items():
        wanted = expected(name.removeprefix(UNET), first[name], second[name])
        torch.testing.assert_close(weight, wanted, msg=name)


CLIP_MERGES: dict[str, tuple[dict[str, float], Factors]] = {
    "CLIPMergeSimple": ({"ratio": 0.25}, lambda a, b: 0.25 * a + 0.75 * b),
    "CLIPMergeSubtract": ({"multiplier": 3.0}, lambda a, b: 3.0 * (a - b)),
    "CLIPMergeAdd": ({}, lambda a, b: a + b),
}


@pytest.mark.parametrize("class_type", CLIP_MERGES)
def test_every_weight_of_the_text_tower_is_mixed(executor: Executor[Runtime], class_type: str) -> None:
    inputs, expected = CLIP_MERGES[class_type]
    merge = node(class_type, clip1=["1", 1], clip2=["2", 1], **inputs)
    got = saved(executor, merge=merge, save=node("CLIPSave", clip=["merge", 0], filename_prefix="c/x"))
    first, second = weights(executor, "sd1.safetensors"), weights(executor, "other.safetensors")
    prefix = "cond_stage_model.transformer."
    assert {prefix + name for name in got} == {name for name in first if name.startswith(prefix)}
    for name, weight in got.items():
        torch.testing.assert_close(weight, expected(first[prefix + name], second[prefix + name]), msg=name)


def test_a_mixture_of_all_of_one_is_that_one_and_merges_pile_up(executor: Executor[Runtime]) -> None:
    half = node("ModelMergeSimple", model1=["1", 0], model2=["2", 0], ratio=0.5)
    twice = node("ModelMergeSimple", model1=["half", 0], model2=["2", 0], ratio=0.5)
    got = saved(executor, half=half, twice=twice, save=node("ModelSave", model=["twice", 0], filename_prefix="p/x"))
    name = UNET + "out.2.weight"
    first, second = weights(executor, "sd1.safetensors")[name], weights(executor, "other.safetensors")[name]
    torch.testing.assert_close(got[name], first / 4 + second * 3 / 4)


def test_models_of_two_families_are_not_mixed(executor: Executor[Runtime]) -> None:
    merge = node("ModelMergeAdd", model1=["1", 0], model2=["3", 0])
    nodes = {**TWO, "3": checkpoint("sdxl"), "4": merge}
    with pytest.raises(PromptRejected, match="one of the same family as model1, sd1"):
        look_ahead(planned(executor, nodes, "4"), executor.registry)


def test_weights_that_only_the_first_has_stay_and_are_told(executor: Executor[Runtime]) -> None:
    from ldm_nodes.nodes.merging import model_merge_simple

    plain, inpaint = (run(executor, {"1": checkpoint(name)}, "1")[0] for name in ("sd1", "sd1-inpaint"))
    notices: list[Any] = []
    context = Context(executor.runtime, emit=notices.append)
    merged = model_merge_simple(inpaint, plain, ratio=0.5, context=context)
    assert "diffusion_model.input_blocks.0.0.weight" in notices[0].message
    kept = merged.running.state_dict()["diffusion_model.input_blocks.0.0.weight"]
    assert torch.equal(kept, inpaint.running.state_dict()["diffusion_model.input_blocks.0.0.weight"])


def sampled(executor: Executor[Runtime], name: str, **more: Any) -> Tensor:
    """Return the picture of a checkpoint of output/ or models/."""
    text = node("ClassEncode", clip=["1", 1], class_id=1) if name.endswith("class") else None
    nodes = {
        "1": node("CheckpointLoaderSimple", ckpt_name=more.get("file", f"{name}.safetensors")),
        "2": text or node("CLIPTextEncode", clip=["1", 1], text="a fox"),
        "3": node("EmptyLatentFor", width=64, height=64, batch_size=1, vae=["1", 2]),
        "4": node(
            "KSampler", model=["1", 0], positive=["2", 0], negative=["2", 0], latent_image=["3", 0], seed=1, steps=2,
            cfg=1.0, sampler_name="euler", scheduler="normal", denoise=1.0,
        ),
        "5": node("VAEDecode", samples=["4", 0], vae=["1", 2]),
        "save": node(
            "CheckpointSave", model=["1", 0], clip=["1", 1], vae=["1", 2], filename_prefix=f"checkpoints/{name}"
        ),
    }  # fmt: skip
    picture: Tensor = run(executor, nodes, "5")[0]
    if "file" not in more:
        run(executor, nodes, "save")
    return picture


@pytest.mark.parametrize("name", [*FAMILIES, "emoji-v1"])
def test_what_is_saved_and_loaded_again_paints_the_same_picture(executor: Executor[Runtime], name: str) -> None:
    output = executor.runtime.folders.output / "checkpoints"
    if name == "ldm-text":  # its words lie in the folder
        output.mkdir(parents=True, exist_ok=True)
        words = executor.runtime.folders.find("checkpoints", "sd1.safetensors").with_name("vocab.txt")
        (output / "vocab.txt").write_bytes(words.read_bytes())
    picture = sampled(executor, name)
    path = max(output.glob(f"{name}_0*.safetensors"))
    assert torch.equal(sampled(executor, name, file=path.name), picture)
    assert picture.std() > 0


def test_names_are_those_of_published_checkpoints_and_the_header_tells_the_making(executor: Executor[Runtime]) -> None:
    for name in ("sd2-v", "sdxl"):
        sampled(executor, name)  # saved or, by the cache, found saved
        path = max((executor.runtime.folders.output / "checkpoints").glob(f"{name}_0*.safetensors"))
        original = weights(executor, f"{name}.safetensors")
        with safe_open(path, "pt") as file:
            keys, texts = set(file.keys()), file.metadata()
        assert keys == set(original)
        assert {"prompt", "modelspec.predict_key"} <= texts.keys()
        assert texts["modelspec.predict_key"] == ("v" if name == "sd2-v" else "epsilon")
        assert ("modelspec.architecture" in texts) == (name == "sdxl")
    assert texts["modelspec.architecture"] == "stable-diffusion-xl-v1-base"


def test_parts_are_found_again_by_the_loaders_of_parts(executor: Executor[Runtime]) -> None:
    nodes = {
        "1": checkpoint("sd1"),
        "vae": node("VAESave", vae=["1", 2], filename_prefix="vae/part"),
        "clip": node("CLIPSave", clip=["1", 1], filename_prefix="clip/part"),
    }
    for target in ("vae", "clip"):
        run(executor, nodes, target)
    _, clip, vae = run(executor, nodes, "1")
    again = run(
        executor, {"1": node("CLIPLoader", clip_name="part_clip_l_00001_.safetensors", type="stable_diffusion")}, "1"
    )
    assert torch.equal(again[0].encode("a fox")[0], clip.encode("a fox")[0])
    first_stage = run(executor, {"1": node("VAELoader", vae_name="part_00001_.safetensors")}, "1")[0]
    latent = torch.ones(1, 4, 8, 8)
    assert torch.equal(first_stage.decode(latent), vae.decode(latent))


def test_only_clip_towers_are_saved_alone(executor: Executor[Runtime]) -> None:
    from ldm_nodes.nodes.model_saving import clip_save

    encoder = run(executor, {"1": checkpoint("ldm-class")}, "1")[1]
    with pytest.raises(InputError, match="Save the whole model with Save Checkpoint"):
        clip_save(encoder, context=Context(executor.runtime))
