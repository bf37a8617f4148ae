"""Parts of models that fit pass without a word; parts that fit by their shape alone pass with one."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ldm_nodes.engine.events import Event, Notice
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.foresight import look_ahead
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes.runtime import Runtime
from tests.nodes.pairings import Graph, checkpoint, classes, encoded, masked, node, painting, prompt, sampler, stage

SIZED = node("EmptyLatentFor", vae=["vae", 2], width=64, height=64, batch_size=1)

RIGHT: dict[str, Graph] = {
    "all of one checkpoint": painting("sd1"),
    "parts of a fine-tuned model": painting("sd1", "sd1-finetune", "sd1-finetune"),
    "text and autoencoder of sd1 for its inpainting model": painting("sd1-inpaint", "sd1", "sd1", **masked()),
    "an inpainting picture in an ordinary model": painting("sd1", **masked()),
    "an autoencoder from a file of its own": painting(
        "sd1",
        file=node("VAELoader", vae_name="kl-f8.safetensors"),
        picture=node("VAEDecode", samples=["sample", 0], vae=["file", 0]),
    ),
    "a checkpoint without autoencoder beside one that has it": painting("sd1-without-vae", vae="sd1"),
    "latents of sd1 in sd2, whose latent space is the same": painting("sd2", vae="sd1", **encoded()),
    "a network that predicts v": painting("sd2-v"),
    "v goes on where eps stopped": painting(
        "sd2",
        first=stage("start", 0, 1),
        v=checkpoint("sd2-v"),
        sample=stage("first", 1, 2, model=["v", 0]),
    ),
    "two towers and sizes": painting("sdxl"),
    "the refiner with its own text": painting("sdxl-refiner", "", "sdxl"),
    "an edit model that is given no picture": painting("sd1-edit"),
    "word pieces": painting("ldm-text"),
    "classes": painting("ldm-class", **classes(), start=SIZED),
    "a model that hears nothing, told nothing": painting(
        "ldm-unconditional", wanted=node("EmptyConditioning"), unwanted=node("EmptyConditioning"), start=SIZED
    ),
    "an inpainting model of ldm with its own picture": painting("ldm-concat-inpaint", "sd1", **masked()),
    "an unused negative prompt of another family": painting(
        "sd1",
        foreign=checkpoint("sdxl"),
        unwanted=prompt("foreign"),
        sample=sampler(cfg=1.0),
    ),
    "prompts of one family joined": painting(
        "sdxl",
        both=node("ConditioningCombine", conditioning_1=["wanted", 0], conditioning_2=["unwanted", 0]),
        longer=node("ConditioningConcat", conditioning_to=["both", 0], conditioning_from=["unwanted", 0]),
        mixed=node(
            "ConditioningAverage",
            conditioning_to=["longer", 0],
            conditioning_from=["wanted", 0],
            conditioning_to_strength=0.5,
        ),
        sample=sampler(positive=["mixed", 0]),
    ),
    "codes of a VQ model": painting(
        "ldm-class",
        **classes(),
        start=SIZED,
        exact=node(
            "DDIMSamplerOptions",
            model=["model", 0],
            eta=0.0,
            temperature=1.0,
            noise_dropout=0.0,
            quantize_denoised=True,
        ),
        sample=sampler(model=["exact", 0], sampler_name="ddim_ldm"),
    ),
    "the emoji model": painting("emoji-v1", start=SIZED),
}


@dataclass(frozen=True)
class Doubtful:
    """A graph that runs, and words of the notice that its user gets."""

    name: str
    graph: Graph
    at: str
    says: tuple[str, ...]


DOUBTFUL = (
    Doubtful(
        "words for a model that hears none",
        painting("ldm-unconditional", "sdxl", start=SIZED),
        "sample",
        ("ldm-unconditional (ldm-unconditional.safetensors) hears neither words nor classes", "changes nothing"),
    ),
    Doubtful(
        "latents of sdxl in sd1",
        painting("sd1", vae="sdxl", **encoded(), picture=node("RepeatLatentBatch", samples=["sample", 0], amount=1)),
        "sample",
        ("made by sdxl (sdxl.safetensors)", "goes to sd1 (sd1.safetensors)", "with that of sd1.safetensors"),
    ),
    Doubtful(
        "the autoencoder of sdxl for sd1",
        painting("sd1", vae="sdxl"),
        "picture",
        ("made by sd1 (sd1.safetensors)", "goes to sdxl", "0.18215", "0.13025"),
    ),
    Doubtful(
        "text of sd2 in the refiner, whose width agrees by chance",
        painting("sdxl-refiner", "sd2"),
        "sample",
        ("positive conditioning was made by sd2", "the model is of sdxl-refiner", "by chance"),
    ),
    Doubtful(
        "text of the refiner in the model of word pieces",
        painting("ldm-text", "sdxl-refiner"),
        "sample",
        ("made by sdxl-refiner", "the model is of ldm-text", "Encode the prompt with the CLIP of ldm-text.safetensors"),
    ),
    Doubtful(
        "an inpainting model without picture",
        painting("sd1-inpaint"),
        "sample",
        ("paints into masked pictures and is given none", "Connect InpaintModelConditioning"),
    ),
    Doubtful(
        "an empty latent of sd1 for a model that shrinks less",
        painting("ldm-class", **classes()),
        "sample",
        ("counts 8 pixels for a cell", "has 4", "0.5 times the sides", "Empty Latent (for a VAE)"),
    ),
    Doubtful(
        "latents of two spaces blended",
        painting(
            "sd1",
            **encoded(
                foreign=checkpoint("sdxl"),
                other=node("VAEEncode", pixels=["photo", 0], vae=["foreign", 2]),
                picture=node("LatentBlend", samples1=["start", 0], samples2=["other", 0], blend_factor=0.5),
            ),
        ),
        "picture",
        ("made by sdxl (sdxl.safetensors)", "goes to sd1 (sd1.safetensors)"),
    ),
)


def _notices(executor: Executor[Runtime], graph: Graph) -> tuple[tuple[str, ...], list[str]]:
    """Look ahead and run; return the notices of either, each with the node that they are about."""
    plan = make_plan(Prompt.parse(graph), executor.registry, executor.runtime.folders, ["picture"])
    ahead = look_ahead(plan, executor.registry)
    heard: list[str] = []

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            heard.append(f"{event.node_id}: {event.message}")

    executor.cache.clear()
    executor.run(ahead.plan, listen)
    return ahead.notices, heard


@pytest.mark.parametrize("name", RIGHT)
def test_what_fits_runs_without_a_word(parts: Executor[Runtime], name: str) -> None:
    assert _notices(parts, RIGHT[name]) == ((), [])


@pytest.mark.parametrize("row", DOUBTFUL, ids=lambda row: row.name)
def test_what_fits_by_chance_is_told_before_and_while_it_runs(parts: Executor[Runtime], row: Doubtful) -> None:
    ahead, heard = _notices(parts, row.graph)
    for notices, start in ((ahead, f"node {row.at} "), (heard, f"{row.at}: ")):
        told = [notice for notice in notices if notice.startswith(start)]
        assert told
        for words in row.says:
            assert words in told[0]
