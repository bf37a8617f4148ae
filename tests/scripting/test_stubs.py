"""What editors and type checkers are told of the nodes is what the nodes are."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ldm_nodes
from ldm_nodes import Graph
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.scripting.stubs import stub

STUB = Path(ldm_nodes.__file__).parent / "scripting" / "methods.pyi"


def test_the_stub_is_current() -> None:
    assert STUB.read_text() == stub(builtin_registry()), f"Run: ldm-nodes nodes --stubs > {STUB}"


def test_every_node_is_a_method_with_its_inputs() -> None:
    (methods,) = [part for part in ast.parse(STUB.read_text()).body if getattr(part, "name", "") == "NodeMethods"]
    assert isinstance(methods, ast.ClassDef)
    found = {
        part.name: {argument.arg for argument in part.args.kwonlyargs} - {"_id", "_title", "_extra"}
        for part in methods.body
        if isinstance(part, ast.FunctionDef)
    }
    registry = builtin_registry()
    named = [name for name in registry if name.isidentifier()]  # "Epsilon Scaling" is no name of a method
    assert found == {name: set(registry[name].inputs) for name in named}


def test_type_checkers_see_the_same_mistakes() -> None:
    """Strict mypy reads this file: a mistake below that it did not see would be an unused `ignore`, and so reported."""
    g = Graph()
    loaded = g.CheckpointLoaderSimple(ckpt_name="a.safetensors")
    with pytest.raises(AttributeError):
        g.KSamplr()  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        _ = loaded.modl  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        g.CLIPTextEncode(text="", clip=loaded.vae)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Expected a whole number"):
        g.EmptyLatentImage(width="wide")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="Expected one of"):
        g.LatentFlip(samples=g.EmptyLatentImage().latent, flip_method="x-axis")  # type: ignore[arg-type]
