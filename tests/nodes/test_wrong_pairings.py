"""Parts of models that do not fit: every message names who made the wrong part, what came, what was wanted, what helps.

Each wrong graph is met twice: before it runs, from the headers of the files alone, and while it runs, by the node that
gets the values. Both must say the same, and neither may leave it to torch.
"""

from __future__ import annotations

from typing import Any

import pytest

from ldm_nodes.engine.errors import NodeFailed, Problem, PromptRejected, named
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.foresight import look_ahead
from ldm_nodes.engine.plan import Plan, make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes.runtime import Runtime
from tests.nodes.pairings import (
    Graph,
    Wrong,
    checkpoint,
    classes,
    encoded,
    masked,
    node,
    painting,
    prompt,
    sampler,
    stage,
)

ENCODE = "Encode the prompt with the CLIP of"
WITHOUT = "The checkpoint contains none."


def _texts(model: str, text: str, width: int, wanted: int, **changes: Any) -> Wrong:
    """Return the row of a prompt whose encoder is of another family than the model."""
    return Wrong(
        f"{text} text in {model}",
        painting(model, text, **changes),
        ("sample", "positive"),
        ("wanted", "text"),
        (f"a text conditioning whose context is {width} wide", f"({text}.safetensors)", f"a context {wanted} wide"),
        f"{ENCODE} {model}.safetensors, or sample with the model of {text}.safetensors.",
    )


def _joined(class_type: str, of: str, names: tuple[str, str]) -> Wrong:
    """Return the row of a node that joins prompts of two families."""
    join = node(class_type, "Join", **{names[0]: ["wanted", 0], names[1]: ["other", 0]})
    if class_type == "ConditioningAverage":
        join["inputs"]["conditioning_to_strength"] = 0.5
    return Wrong(
        f"{class_type} of sd1 and {of}",
        painting("sd1", foreign=checkpoint(of, "Foreign"), other=prompt("foreign", "Other"), join=join),
        ("join", names[1]),
        ("other", "foreign"),
        (f"({of}.safetensors)", "contexts 64 wide", "made by sd1 (sd1.safetensors)"),
        "Encode both prompts with the same CLIP",
        "join",
    )


def _mixed(class_type: str, names: tuple[str, str], **inputs: Any) -> Wrong:
    """Return the row of a node that mixes latents of two shapes."""
    changes = encoded(
        foreign=checkpoint("ldm-class", "Foreign"),
        other=node("VAEEncode", "Other", pixels=["photo", 0], vae=["foreign", 2]),
        mix=node(class_type, "Mix", **{names[0]: ["start", 0], names[1]: ["other", 0]}, **inputs),
    )
    return Wrong(
        f"{class_type} of 4 and 3 channels",
        painting("sd1", **changes),
        ("mix", names[1]),
        ("other", "foreign"),
        ("a latent with 3 channels", "ldm-class (ldm-class.safetensors)", "the 4 channels of the other latent"),
        "Encode both with the same VAE",
        "mix",
    )


def _lacking(name: str, model: str, at: str, part: str, **changes: Any) -> Wrong:
    """Return the row of a checkpoint that does not have a part; `part` is the input that wants it."""
    loader = {"clip": "text", "vae": "vae"}[part]
    return Wrong(
        name,
        painting(model, **changes),
        (at, part),
        (loader,),
        ("Received nothing",),
        WITHOUT,
        at,
    )


CONDITIONINGS = (
    _texts("sd1", "sd2", 128, 64),
    _texts("sd1", "sdxl", 192, 64),
    _texts("sd1", "sdxl-refiner", 128, 64),
    _texts("sd1", "ldm-text", 128, 64),
    _texts("sd1-inpaint", "sdxl", 192, 64),
    _texts("sd2", "sd1", 64, 128),
    _texts("sd2-v", "sdxl", 192, 128),
    _texts("sdxl", "sd1", 64, 192),
    _texts("sdxl", "sd2", 128, 192),
    _texts("sdxl", "sdxl-refiner", 128, 192),
    _texts("sdxl-refiner", "sdxl", 192, 128),
    _texts("ldm-text", "sd1", 64, 128),
    _texts("emoji-v1", "sd1", 64, 128),
    _texts("sd1", "emoji-v1", 128, 64),
    _texts("ldm-retrieval", "sd1", 64, 768),
    Wrong(
        "a prompt in a model of classes",
        painting("ldm-class", "sd1"),
        ("sample", "positive"),
        ("wanted", "text"),
        ("a text conditioning whose context is 64 wide", "a context 32 wide, as ldm-class (ldm-class.safetensors)"),
        "Encode a class (Class Encode) with the CLIP of ldm-class.safetensors",
    ),
    Wrong(
        "a class in a model of prompts",
        painting("sd1", "ldm-class", **classes()),
        ("sample", "positive"),
        ("wanted", "text"),
        ("a class conditioning whose context is 32 wide", "a context 64 wide, as sd1 (sd1.safetensors)"),
        f"{ENCODE} sd1.safetensors",
    ),
    Wrong(
        "only the negative prompt is of another family",
        painting("sd1", foreign=checkpoint("sdxl", "Foreign"), unwanted=prompt("foreign", "Unwanted")),
        ("sample", "negative"),
        ("unwanted", "foreign"),
        ("192 wide, made by sdxl (sdxl.safetensors)", "a context 64 wide"),
        f"{ENCODE} sd1.safetensors",
    ),
    Wrong(
        "a foreign prompt behind nodes that place and time it",
        painting(
            "sd1", "sd2",
            placed=node("ConditioningSetArea", conditioning=["wanted", 0], width=64, height=64, x=0, y=0, strength=1.0),
            timed=node("ConditioningSetTimestepRange", "In time", conditioning=["placed", 0], start=0.0, end=0.5),
            sample=sampler(positive=["timed", 0]),
        ),
        ("sample", "positive"),
        ("timed", "text"),
        ("128 wide, made by sd2 (sd2.safetensors)", "a context 64 wide"),
        f"{ENCODE} sd1.safetensors",
    ),
    Wrong(
        "one foreign prompt of several",
        painting(
            "sdxl",
            foreign=checkpoint("sdxl-refiner", "Foreign"),
            other=prompt("foreign", "Other"),
            both=node("ConditioningCombine", conditioning_1=["wanted", 0], conditioning_2=["other", 0]),
            sample=sampler(positive=["both", 0]),
        ),
        ("both", "conditioning_2"),
        ("other", "foreign"),
        ("128 wide, made by sdxl-refiner", "contexts 192 wide"),
        "Encode both prompts with the same CLIP",
    ),
    Wrong(
        "a foreign encoder at another layer",
        painting(
            "sd1", "sd2",
            layer=node("CLIPSetLastLayer", clip=["text", 1], stop_at_clip_layer=-2),
            wanted=node("CLIPTextEncode", "Wanted", text="a fox", clip=["layer", 0]),
        ),
        ("sample", "positive"),
        ("wanted", "text"),
        ("128 wide, made by sd2 (sd2.safetensors)",),
        f"{ENCODE} sd1.safetensors",
    ),
    Wrong(
        "nothing said to a model that wants words",
        painting("sd1", wanted=node("EmptyConditioning", "Silence")),
        ("sample", "positive"),
        ("wanted",),
        ("a conditioning whose context is 1 wide, of unknown origin", "a context 64 wide"),
        f"{ENCODE} sd1.safetensors.",
    ),
    _joined("ConditioningCombine", "sdxl", ("conditioning_1", "conditioning_2")),
    _joined("ConditioningConcat", "sd2", ("conditioning_to", "conditioning_from")),
    _joined("ConditioningAverage", "ldm-text", ("conditioning_to", "conditioning_from")),
)  # fmt: skip

LATENTS = (
    Wrong(
        "latents of a VQ autoencoder in sd1",
        painting("sd1", vae="ldm-class", **encoded()),
        ("sample", "latent_image"),
        ("start", "vae"),
        ("a latent with 3 channels, made by ldm-class (ldm-class.safetensors)", "the 4 channels of sd1"),
        "Encode the picture with the VAE of sd1.safetensors",
    ),
    Wrong(
        "latents of sd1 in a model of classes",
        painting("ldm-class", vae="sd1", **classes(), **encoded()),
        ("sample", "latent_image"),
        ("start", "vae"),
        ("a latent with 4 channels, made by sd1", "the 3 channels of ldm-class"),
        "Encode the picture with the VAE of ldm-class.safetensors",
    ),
    Wrong(
        "latents of 16 channels in sdxl",
        painting("sdxl", vae="ldm-retrieval", **encoded()),
        ("sample", "latent_image"),
        ("start", "vae"),
        ("a latent with 16 channels", "the 4 channels of sdxl"),
        "Encode the picture with the VAE of sdxl.safetensors",
    ),
    Wrong(
        "latents of a VAE file of another shape",
        painting(
            "sd2",
            vae16=node("VAELoader", "Sixteen", vae_name="kl-f16.safetensors"),
            **encoded(start=node("VAEEncode", "Encode", pixels=["photo", 0], vae=["vae16", 0])),
        ),
        ("sample", "latent_image"),
        ("start", "vae16"),
        ("a latent with 16 channels, made by kl-f16.safetensors", "the 4 channels of sd2"),
        "Encode the picture with the VAE of sd2.safetensors",
    ),
    Wrong(
        "foreign latents behind nodes that resize and mask them",
        painting(
            "sd1", vae="ldm-class",
            **encoded(
                big=node("LatentUpscaleBy", samples=["start", 0], upscale_method="bilinear", scale_by=1.5),
                hole=node("LoadImageMask", image="holed.png", channel="alpha"),
                marked=node("SetLatentNoiseMask", "Marked", samples=["big", 0], mask=["hole", 0]),
                sample=sampler("marked"),
            ),
        ),
        ("sample", "latent_image"),
        ("marked", "vae"),
        ("a latent with 3 channels, made by ldm-class", "the 4 channels of sd1"),
        "Encode the picture with the VAE of sd1.safetensors",
    ),
    Wrong(
        "a second sampler of another family",
        painting(
            "ldm-class", vae="sd1", **classes(),
            first=stage("start", 0, 1),
            other=checkpoint("sd1", "Second"),
            other_text=prompt("other"),
            sample=stage(
                "first", 1, 2, model=["other", 0], positive=["other_text", 0], negative=["other_text", 0],
            ),
        ),
        ("sample", "latent_image"),
        ("first", "model"),
        ("a latent with 3 channels, made by ldm-class", "the 4 channels of sd1"),
        "Encode the picture with the VAE of sd1.safetensors",
    ),
    Wrong(
        "a VQ autoencoder for sd1",
        painting("sd1", vae="ldm-class"),
        ("picture", "samples"),
        ("sample", "model"),
        ("a latent with 4 channels, made by sd1 (sd1.safetensors)", "the 3 channels of this autoencoder"),
        "Connect the VAE of sd1.safetensors",
    ),
    Wrong(
        "the autoencoder of sd1 for a model of classes",
        painting("ldm-class", vae="sd1", **classes()),
        ("picture", "samples"),
        ("sample", "model"),
        ("a latent with 3 channels, made by ldm-class", "the 4 channels of this autoencoder, that of sd1"),
        "Connect the VAE of ldm-class.safetensors",
    ),
    Wrong(
        "a VAE file of 16 channels for sd1",
        painting(
            "sd1",
            vae16=node("VAELoader", vae_name="kl-f16.safetensors"),
            picture=node("VAEDecodeTiled", samples=["sample", 0], vae=["vae16", 0], tile_size=64, overlap=0),
        ),
        ("picture", "samples"),
        ("sample", "model"),
        ("a latent with 4 channels", "the 16 channels of this autoencoder, that of kl-f16.safetensors"),
        "Connect the VAE of sd1.safetensors",
    ),
    Wrong(
        "an empty latent that nothing was sampled from",
        painting("sd1", vae="ldm-class", picture=node("VAEDecode", samples=["start", 0], vae=["vae", 2])),
        ("picture", "samples"),
        ("start",),
        ("a latent with 4 channels", "the 3 channels of this autoencoder"),
        "the autoencoder of the model that made the latent",
    ),
    _mixed("LatentBlend", ("samples1", "samples2"), blend_factor=0.5),
    _mixed("LatentComposite", ("samples_to", "samples_from"), x=0, y=0, feather=0),
)  # fmt: skip

ENCODERS = (
    Wrong(
        "a prompt for an encoder of classes",
        painting("ldm-class"),
        ("wanted", "clip"),
        ("text",),
        ("a class embedder 32 wide, of ldm-class (ldm-class.safetensors)", "a text encoder"),
        "put Class Encode in the place of this node",
        "wanted",
    ),
    Wrong(
        "a class for an encoder of prompts",
        painting("sd1", **classes()),
        ("wanted", "clip"),
        ("text",),
        ("a text encoder 64 wide, of sd1 (sd1.safetensors)", "a class embedder"),
        "put CLIP Text Encode in the place of this node",
        "wanted",
    ),
    Wrong(
        "a layer of an encoder without layers",
        painting("ldm-text", layer=node("CLIPSetLastLayer", clip=["text", 1], stop_at_clip_layer=-2)),
        ("layer", "clip"),
        ("text",),
        ("a text encoder 128 wide, of ldm-text", "a CLIP text encoder, whose layers can be chosen"),
        "Leave this node out",
        "layer",
    ),
    Wrong(
        "a layer of an encoder of classes",
        painting("ldm-class", layer=node("CLIPSetLastLayer", clip=["text", 1], stop_at_clip_layer=-2)),
        ("layer", "clip"),
        ("text",),
        ("a class embedder 32 wide", "a CLIP text encoder"),
        "Leave this node out",
        "layer",
    ),
    _lacking("a prompt for a model without an encoder", "ldm-unconditional", "wanted", "clip"),
    _lacking("a picture from a checkpoint without autoencoder", "sd1", "picture", "vae", vae="sd1-without-vae"),
    _lacking("a latent from a checkpoint without autoencoder", "sd1-without-vae", "start", "vae", **encoded()),
    _lacking("a size from a checkpoint without autoencoder", "sd1-without-vae", "start", "vae",
             start=node("EmptyLatentFor", vae=["vae", 2], width=64, height=64, batch_size=1)),
    Wrong(
        "quantising the latents of a model without codebook",
        painting("sd1", options=node(
            "DDIMSamplerOptions", model=["model", 0], eta=0.0, temperature=1.0, noise_dropout=0.0,
            quantize_denoised=True,
        )),
        ("options", "model"),
        ("model",),
        ("a model without a codebook, of sd1 (sd1.safetensors)", "whose autoencoder has a codebook"),
        "Turn quantize_denoised off",
        "options",
    ),
)  # fmt: skip

BESIDE = (
    Wrong(
        "an inpainting model of ldm without picture",
        painting("ldm-concat-inpaint", "sd1"),
        ("sample", "positive"),
        ("wanted",),
        ("no such picture", "with an encoded 3-channel picture and a mask (InpaintModelConditioning makes both)"),
        "Connect InpaintModelConditioning with the VAE of ldm-concat-inpaint.safetensors",
    ),
    Wrong(
        "an inpainting model of ldm with a picture of sd1",
        painting("ldm-concat-inpaint", "sd1", "sd1", **masked()),
        ("sample", "positive"),
        ("shown",),
        (
            "a conditioning with a 4-channel picture and a mask",
            "an encoded 3-channel picture and a mask",
        ),
        "Connect InpaintModelConditioning with the VAE of ldm-concat-inpaint.safetensors",
    ),
    Wrong(
        "an inpainting model of sd1 with a picture of ldm",
        painting("sd1-inpaint", "sd1", "ldm-class", **masked()),
        ("sample", "positive"),
        ("shown",),
        ("a 3-channel picture and a mask", "an encoded 4-channel picture"),
        "Connect InpaintModelConditioning with the VAE of sd1-inpaint.safetensors",
    ),
    Wrong(
        "a depth model without depth",
        painting("sd2-depth"),
        ("sample", "positive"),
        ("wanted",),
        ("no such picture", "with a 1-channel picture (`concat_image`)"),
        "choose a model that reads none",
    ),
    Wrong(
        "an upscaling model without picture",
        painting("ldm-concat-upscale", "sd1"),
        ("sample", "positive"),
        ("wanted",),
        ("no such picture", "with a 3-channel picture (`concat_image`)"),
        "choose a model that reads none",
    ),
    Wrong(
        "a model that reads embeddings of pictures",
        painting("sd2-unclip"),
        ("sample", "model"),
        ("model",),
        ("sd2-unclip (sd2-unclip.safetensors), which reads a class vector, a noise level or an image embedding",),
        "Choose a checkpoint of another family",
    ),
)

FILES = (
    Wrong(
        "an autoencoder in place of a checkpoint",
        painting("vae-alone", text="sd1", vae="sd1"),
        ("model", "ckpt_name"),
        (),
        ("'vae-alone.safetensors'", "a file that this node can load"),
        "vae-alone.safetensors is an autoencoder (VAE) alone",
    ),
    Wrong(
        "a LoRA in place of a checkpoint",
        painting("lora", text="sd1", vae="sd1"),
        ("model", "ckpt_name"),
        (),
        ("'lora.safetensors'", "a file that this node can load"),
        "lora.safetensors is a LoRA",
    ),
    Wrong(
        "a LoRA in place of an autoencoder",
        painting("sd1", vae2=node("VAELoader", vae_name="lora.safetensors")),
        ("vae2", "vae_name"),
        (),
        ("'lora.safetensors'", "a file that this node can load"),
        "lora.safetensors is a LoRA",
        "vae2",
    ),
)

ROWS = (*CONDITIONINGS, *LATENTS, *ENCODERS, *BESIDE, *FILES)


def _plan(executor: Executor[Runtime], graph: Graph, target: str) -> Plan:
    return make_plan(Prompt.parse(graph), executor.registry, executor.runtime.folders, [target])


def _ahead(executor: Executor[Runtime], row: Wrong) -> Problem:
    with pytest.raises(PromptRejected) as caught:
        look_ahead(_plan(executor, row.graph, row.target), executor.registry)
    (problem,) = caught.value.problems
    return problem


def _name(graph: Graph, node_id: str) -> str:
    return named(node_id, graph[node_id]["_meta"]["title"], graph[node_id]["class_type"])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_is_told_before_anything_runs(parts: Executor[Runtime], row: Wrong) -> None:
    problem = _ahead(parts, row)
    message = str(problem)
    assert message.startswith(f'{_name(row.graph, row.at[0])}, input "{row.at[1]}": ')
    for node_id in row.by:
        assert _name(row.graph, node_id) in problem.producer
    for piece in (*row.says, row.remedy):
        assert piece in message


@pytest.mark.parametrize("row", [row for row in ROWS if row not in FILES], ids=lambda row: row.name)
def test_the_node_says_the_same_when_it_runs(parts: Executor[Runtime], row: Wrong) -> None:
    with pytest.raises(NodeFailed) as caught:
        parts.run(_plan(parts, row.graph, row.target))
    assert str(caught.value) == str(_ahead(parts, row))


def test_there_are_thirty_and_more_of_them() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS) >= 30
