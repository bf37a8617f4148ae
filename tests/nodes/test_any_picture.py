"""Every node of pictures, masks and latents with tensors of every shape: it runs, or says in words what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from types import ModuleType
from typing import Any

import pytest
import torch

from ldm_nodes.engine.context import Context
from ldm_nodes.engine.errors import MISSING, InputError, NodeFailed
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.mapping import admit
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Socket
from ldm_nodes.engine.spec import Node, NodeSpec, node
from ldm_nodes.imaging.errors import ImagingError
from ldm_nodes.imaging.latent_mix import Sharpen
from ldm_nodes.nodes import (
    animations,
    builtin_registry,
    compositing,
    effects,
    framing,
    image_batches,
    latent_batches,
    latent_mixing,
    latent_operations,
    latents,
    masks,
    resizing,
    saving,
)
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.nodes.sockets import Image

FAMILIES = (
    resizing, framing, image_batches, effects, masks, compositing, animations, latent_batches, latent_mixing,
    latent_operations, latents, saving,
)  # fmt: skip
PICTURES = (
    torch.rand(1, 8, 8, 3), torch.rand(2, 9, 5, 4), torch.rand(1, 1, 1, 1), torch.rand(3, 17, 8, 3).half(),
    torch.rand(8, 8, 3), torch.rand(0, 8, 8, 3), torch.rand(1, 0, 8, 3), torch.rand(1, 8, 8, 2),
    torch.zeros(1, 8, 8, 3, dtype=torch.uint8),
)  # fmt: skip
MASKS = (
    torch.rand(1, 8, 8),
    torch.rand(5, 9),
    torch.rand(2, 1, 4, 4),
    torch.rand(0, 8, 8),
    torch.zeros(1, 8, 8).bool(),
)
SAMPLES = (
    torch.rand(1, 4, 8, 8), torch.rand(2, 4, 1, 1), torch.rand(1, 16, 8, 8), torch.rand(1, 4, 9, 5).half(),
    torch.rand(1, 4, 2, 8, 8), torch.rand(0, 4, 8, 8),
)  # fmt: skip
VALUES: dict[str, tuple[Any, ...]] = {
    "IMAGE": PICTURES,
    "MASK": MASKS,
    "LATENT": tuple({"samples": samples} for samples in SAMPLES),
    "LATENT_OPERATION": (Sharpen(2, 1.0, 0.1),),
}


def wires(spec: NodeSpec) -> dict[str, str]:
    found = {name: item.field for name, item in spec.inputs.items()}
    return {name: field.type for name, field in found.items() if isinstance(field, Socket)}


def nodes() -> Iterator[Node[..., Any]]:
    for family in FAMILIES:
        yield from _nodes_of(family)


def _nodes_of(family: ModuleType) -> Iterator[Node[..., Any]]:
    for value in vars(family).values():
        if isinstance(value, Node) and value.spec.module == family.__name__ and wires(value.spec):
            yield value


NODES = [one for one in nodes() if set(wires(one.spec).values()) <= set(VALUES)]


def test_most_nodes_are_tried() -> None:
    assert len(NODES) > 60


@pytest.mark.parametrize("tried", NODES, ids=lambda one: one.name)
def test_any_tensor_is_taken_or_refused_in_words(context: Context[Runtime], tried: Node[..., Any]) -> None:
    spec = tried.spec
    sockets = wires(spec)
    constants = {
        name: [item.default] if spec.list_inputs else item.default
        for name, item in spec.inputs.items()
        if name not in sockets and item.default is not MISSING
    }
    if spec.context_parameter:
        constants[spec.context_parameter] = context
    few = {2: 6, 3: 4, 4: 2}.get(len(sockets), 9)  # of several inputs the good values and some bad ones
    choices = [VALUES[kind][:: max(1, len(VALUES[kind]) // few)] for kind in sockets.values()]
    ran = 0
    for values in product(*choices):
        given = {name: [value] if spec.list_inputs else value for name, value in zip(sockets, values, strict=True)}
        try:
            admit(spec, given)
            tried.function(**given, **constants)
        except (InputError, ImagingError):
            continue
        ran += 1
    assert ran


@node("BatchlessPicture", category="tests")
def batchless_picture() -> Image:
    """Make a picture without a batch, as some nodes of packs do."""
    return torch.zeros(8, 8, 3)


def test_the_node_that_made_the_value_is_named(runtime: Runtime) -> None:
    registry = Registry(*(builtin_registry()[name] for name in ("ImageInvert", "SaveImage")), batchless_picture)
    graph = {
        "1": {"class_type": "BatchlessPicture", "inputs": {}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
    }
    executor = Executor(registry, runtime.cache, runtime)
    with pytest.raises(NodeFailed, match=r"shape \(8, 8, 3\) and type float32.*node 1 \(BatchlessPicture\)"):
        executor.run(make_plan(Prompt.parse(graph), registry, runtime.folders, ["2"]))


def test_what_is_no_tensor_at_all_is_told() -> None:
    for tried in (effects.image_invert, masks.invert_mask, latents.latent_flip):
        (name,) = wires(tried.spec)
        with pytest.raises(InputError, match="Received a value of the type str"):
            admit(tried.spec, {name: "a picture"})
        admit(tried.spec, {name: None})
    with pytest.raises(InputError, match="Received a latent of a value of the type NoneType"):
        admit(latents.latent_flip.spec, {"samples": {}})
