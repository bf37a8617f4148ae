"""Graphs built with typed calls: what they become, and how a mistake is told on the line that makes it."""

from __future__ import annotations

import copy
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Choice, Int, Socket
from ldm_nodes.engine.spec import node
from ldm_nodes.scripting.graph import Graph

GRAPHS = sorted((Path(__file__).parents[2] / "graphs").glob("*.json"))


def test_calls_become_the_json_that_the_engine_reads() -> None:
    g = Graph()
    loaded = g.CheckpointLoaderSimple(ckpt_name="a.safetensors", _id="4", _title="Load")
    g.CLIPTextEncode(text="fox", clip=loaded.clip, _title="Prompt")
    g.EmptyLatentImage(width=64)
    assert g.to_json() == {
        "4": {
            "class_type": "CheckpointLoaderSimple",
            "inputs": {"ckpt_name": "a.safetensors"},
            "_meta": {"title": "Load"},
        },
        "5": {
            "class_type": "CLIPTextEncode",
            "inputs": {"text": "fox", "clip": ["4", 1]},
            "_meta": {"title": "Prompt"},
        },
        "6": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 512, "batch_size": 1}},
    }


def test_an_output_answers_to_its_name_in_either_case_and_to_its_number() -> None:
    loaded = Graph().CheckpointLoaderSimple(ckpt_name="a.safetensors")
    assert [loaded.vae.slot, loaded.VAE.slot, loaded.outputs[2].slot] == [2, 2, 2]
    assert [loaded.vae.io_type, loaded.outputs[2].io_type] == ["VAE", "VAE"]
    with pytest.raises(IndexError, match=r"has 3 outputs; received number 3"):
        _ = loaded.outputs[3]


def test_any_graph_can_be_taken_up_and_changed() -> None:
    path = next(path for path in GRAPHS if path.stem == "txt2img")
    g = Graph.of(Prompt.parse(path.read_text()))
    assert g.to_json() == json.loads(path.read_text())
    g["Sample"].set(steps=2, latent_image=g.EmptyLatentImage(width=64, height=64).latent)
    assert g["3"].inputs["steps"] == 2
    assert g.to_json()["3"]["inputs"]["latent_image"] == ["10", 0]
    assert [node.title for node in g][:2] == ["Sample", "Load checkpoint"]


def _mistakes() -> list[tuple[Callable[[Graph], Any], type[Exception], str]]:
    return [
        (lambda g: g.KSamplr, AttributeError, r"There is no node 'KSamplr'. Did you mean KSampler"),
        (lambda g: g.add("KSamplr"), ValueError, r"There is no node 'KSamplr'. Did you mean KSampler"),
        (lambda g: g.EmptyLatentImage(widht=8), TypeError, r"no input 'widht'. Expected width, .* Did you mean width"),
        (lambda g: g.EmptyLatentImage(width=8.5e9), ValueError, r'EmptyLatentImage, input "width": value 8500000000'),
        (lambda g: g.EmptyLatentImage(width="wide"), ValueError, r"Received 'wide'. Expected a whole number"),
        (lambda g: g.ImageInvert(image=1), ValueError, r"Received 1. Expected a wire of type IMAGE"),
        (lambda g: g.ImageInvert(), TypeError, r'ImageInvert needs also "image" \(a wire of type IMAGE\)'),
        (lambda g: g.VAELoader(), TypeError, r'VAELoader needs also "vae_name" \(the name of a file\)'),
        (lambda g: g.ImageInvert(image=g.EmptyImage()), TypeError, r"Expected one of its outputs: \.image\."),
        (
            lambda g: g.ImageInvert(image=g.EmptyLatentImage().latent),
            TypeError,
            r"received <LATENT of node 1 .*type IMAG",
        ),
        (lambda g: g.EmptyImage().imag, AttributeError, r"no output 'imag'. It has image. Did you mean image"),
        (lambda g: g.EmptyImage(_id="7") and g.EmptyImage(_id="7"), ValueError, r"'7' is taken by node 7 \(EmptyImage"),
        (lambda g: g["Sample"], LookupError, r"No node is called 'Sample'"),
        (lambda g: g.find(Graph().EmptyImage()), ValueError, r"belongs to another graph"),
        (lambda g: g.ImageInvert(image=Graph().EmptyImage().image), ValueError, r"leaves a node of another graph"),
        (lambda g: g.EmptyImage(width=8).set(width=0), ValueError, r"smaller than min of 1"),
        (
            lambda g: g.LatentUpscale(samples=g.EmptyLatentImage().latent, upscale_method="bicubik", crop="center"),
            ValueError,
            r"Expected one of .* Did you mean bicubic",
        ),
    ]


@pytest.mark.parametrize(("mistake", "error", "says"), _mistakes())
def test_a_mistake_is_told_at_once(mistake: Callable[[Graph], Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        mistake(Graph())


def test_a_title_that_two_nodes_have_names_none_of_them() -> None:
    g = Graph()
    g.EmptyImage(_title="Grey")
    g.EmptyImage(_title="Grey")
    with pytest.raises(LookupError, match=r"Several nodes are called 'Grey': there are node 1 .*, node 2 "):
        _ = g["Grey"]


def test_names_of_files_are_for_the_machine_that_runs_the_graph() -> None:
    assert Graph().CheckpointLoaderSimple(ckpt_name="only-there.safetensors").inputs == {
        "ckpt_name": "only-there.safetensors"
    }


def test_a_class_that_is_not_here_can_be_added_on_purpose() -> None:
    g = Graph()
    foreign = g.add_unchecked("Fancy (Pack)", strength=[1, 2], image=g.EmptyImage().image)
    g.ImageInvert(image=foreign.outputs[4])
    assert g.to_json()["2"]["inputs"] == {"strength": {"__value__": [1, 2]}, "image": ["1", 0]}
    assert g.to_json()["3"]["inputs"] == {"image": ["2", 4]}
    with pytest.raises(AttributeError, match="no outputs with names"):
        _ = foreign.image
    with pytest.raises(TypeError, match=r"Expected one of its outputs: \.outputs\[0\]"):
        g.ImageInvert(image=foreign)  # type: ignore[arg-type]


def test_a_call_documents_itself() -> None:
    g = Graph()
    signature = inspect.signature(g.KSampler)
    assert list(signature.parameters)[:2] == ["model", "seed"]
    assert signature.parameters["cfg"].default == 8.0
    assert "cfg: classifier-free guidance scale" in (g.KSampler.__doc__ or "")
    assert "KSampler" in dir(g)
    assert "latent" in dir(g.EmptyLatentImage())


def test_a_graph_can_be_copied() -> None:
    g = Graph()
    g.EmptyImage()
    assert copy.copy(g).to_json() == g.to_json()


@node("Odd Name", category="test", outputs=("title", "2nd", "2nd"))
def odd(
    count: Annotated[int, Int(min=1)],
    names: Annotated[Any, Socket("*")] = None,
    file: Annotated[str, Choice(lambda folders: folders.names("checkpoints"), optional=True)] = "x",
) -> tuple[Annotated[Any, Socket("*")], Annotated[Any, Socket("A,B")], Annotated[Any, Socket("INT")]]:
    return count, names, file


def test_odd_names_have_ways_too() -> None:
    g = Graph(Registry(odd))
    first = g.add("Odd Name", count=1)
    second = g.add("Odd Name", count=first.outputs[2], names=first._2nd if hasattr(first, "_2nd") else first.outputs[1])
    assert g.to_json()[second.node_id]["inputs"] == {"count": ["1", 2], "names": ["1", 1]}
    assert first.title == ""
