"""Small graphs in which parts of several checkpoints meet, for the tests of pairings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]
Graph = dict[str, Node]


def node(class_type: str, title: str = "", **inputs: Any) -> Node:
    return {"class_type": class_type, "inputs": inputs, "_meta": {"title": title}}


def checkpoint(name: str, title: str = "") -> Node:
    return node("CheckpointLoaderSimple", title, ckpt_name=f"{name}.safetensors")


def prompt(clip: str = "text", title: str = "") -> Node:
    return node("CLIPTextEncode", title, text="a fox", clip=[clip, 1])


def sampler(start: str = "start", **inputs: Any) -> Node:
    return node(
        "KSampler", "Sample",
        **{
            "model": ["model", 0], "positive": ["wanted", 0], "negative": ["unwanted", 0], "latent_image": [start, 0],
            "seed": 0, "steps": 1, "cfg": 2.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0,
        } | inputs,
    )  # fmt: skip


def stage(start: str, first: int, last: int, **inputs: Any) -> Node:
    """Return a sampler of a part of two steps."""
    more = {"noise_seed": 0, "steps": 2, "start_at_step": first, "end_at_step": last}
    ends = {"add_noise": "disable" if first else "enable", "return_with_leftover_noise": "enable"}
    plain = {key: value for key, value in sampler(start)["inputs"].items() if key not in ("seed", "denoise")}
    return node("KSamplerAdvanced", "Sample on", **{**plain, **more, **ends, **inputs})


def empty(side: int = 64) -> Node:
    return node("EmptyLatentImage", "Nothing yet", width=side, height=side, batch_size=1)


def painting(model: str = "sd1", text: str = "", vae: str = "", **changes: Node) -> Graph:
    """Return text to image; network, encoder and autoencoder are of the checkpoints named.

    The nodes are `model`, `text` and `vae` (loaders), `wanted` and `unwanted` (prompts), `start` (latent), `sample`
    and `picture`.
    """
    return {
        "model": checkpoint(model, "The model"),
        "text": checkpoint(text or model, "The encoder"),
        "vae": checkpoint(vae or model, "The autoencoder"),
        "wanted": prompt(title="Wanted"),
        "unwanted": prompt(title="Unwanted"),
        "start": empty(),
        "sample": sampler(),
        "picture": node("VAEDecode", "Decode", samples=["sample", 0], vae=["vae", 2]),
    } | changes


def classes() -> dict[str, Any]:
    """Return what makes the prompts of a painting classes."""
    return {
        name: node("ClassEncode", title, clip=["text", 1], class_id=1)
        for name, title in (("wanted", "Wanted"), ("unwanted", "Unwanted"))
    }


def encoded(**changes: Node) -> dict[str, Any]:
    """Return what makes a painting start from a picture, encoded by `vae`."""
    return {
        "photo": node("EmptyImage", width=64, height=64, batch_size=1, color=255),
        "start": node("VAEEncode", "Encode", pixels=["photo", 0], vae=["vae", 2]),
    } | changes


def masked(**changes: Node) -> dict[str, Any]:
    """Return what shows a painting a masked picture."""
    picture = {"positive": ["plain", 0], "negative": ["plain", 0], "vae": ["vae", 2], "pixels": ["photo", 0]}
    return {
        "photo": node("EmptyImage", width=64, height=64, batch_size=1, color=255),
        "hole": node("LoadImageMask", image="holed.png", channel="alpha"),
        "plain": prompt(),
        "shown": node("InpaintModelConditioning", "Show", mask=["hole", 0], noise_mask=True, **picture),
        "sample": sampler("shown", positive=["shown", 0], negative=["shown", 1], latent_image=["shown", 2]),
    } | changes


@dataclass(frozen=True)
class Wrong:
    """A graph with parts that do not fit, and what the message must say.

    Attributes:
        name: what is wrong, for the list of tests.
        graph: the graph; `picture` is what it is for, or `target`.
        at: the node that complains, and its input.
        by: nodes that the message must blame: the one at the other end of the wire, and the loader behind it.
        says: what came and what was expected, in pieces of the message.
        remedy: what to do, in a piece of the message.
        target: the node asked for.
    """

    name: str
    graph: Graph
    at: tuple[str, str]
    by: tuple[str, ...]
    says: tuple[str, ...]
    remedy: str
    target: str = "picture"
