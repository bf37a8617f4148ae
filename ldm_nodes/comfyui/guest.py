"""Our nodes as a node pack of ComfyUI: which of them it gets, and its folders, progress bar and interrupt for them.

Nothing here is imported before ComfyUI asks this package for `NODE_CLASS_MAPPINGS`, and its modules are looked up only
when a node is described or run.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

from ..engine.context import CancelToken, Context, Fact
from ..engine.dynamic_prompt import DynamicPrompt
from ..engine.errors import Cancelled
from ..engine.events import Event, Notice, Preview, Progress
from ..engine.spec import Node, NodeSpec
from ..nodes import builtin_registry
from ..nodes.runtime import Runtime
from ..settings import MODEL_KINDS, ExtraFolder, Folders, Settings
from .adapter import PREFIX, as_class

NODES = (
    "CheckpointLoaderSimple", "DiffusersLoader", "VAELoader", "LoraLoader", "CLIPTextEncode", "CLIPSetLastLayer",
    "ClassEncode", "EmptyConditioning", "EmptyLatentFor", "KSampler", "KSamplerAdvanced", "DDIMSamplerOptions",
    "VAEEncode", "VAEDecode", "VAEEncodeTiled", "VAEDecodeTiled", "VAEEncodeForInpaint", "InpaintModelConditioning",
    "Watermark", "WatermarkDecode", "SaveImageAs", "LoadImageFolder", "TrainAutoencoder", "TrainLatentDiffusion",
    "TrainingPlot", "SaveCheckpoint",
)  # fmt: skip
"""What ComfyUI lacks, and what is needed around it; the rest of our nodes are its own."""
KINDS = (*MODEL_KINDS, "vgg")
REMEMBERED = 10_000
PREVIEW_SIDE = 512

logger = logging.getLogger("ldm_nodes")


@cache
def mappings() -> tuple[dict[str, type], dict[str, str]]:
    """Return `NODE_CLASS_MAPPINGS` and `NODE_DISPLAY_NAME_MAPPINGS`."""
    registry, host = builtin_registry(), ComfyHost()
    specs = [registry[name] for name in NODES]
    classes = {PREFIX + spec.name: as_class(spec, host) for spec in specs}
    return classes, {PREFIX + spec.name: f"{spec.display_name} (ldm_nodes)" for spec in specs}


def mappings_of(nodes: Iterable[Node[..., Any]]) -> tuple[dict[str, type], dict[str, str]]:
    """Return `NODE_CLASS_MAPPINGS` and `NODE_DISPLAY_NAME_MAPPINGS` of a pack of our nodes, under their own names.

    Nodes with lazy inputs or raw wires, coroutines and those that expand are for our engine alone and are left out.
    """
    specs, host = [found.spec for found in nodes if _fits(found.spec)], ComfyHost()
    return {spec.name: as_class(spec, host) for spec in specs}, {spec.name: spec.display_name for spec in specs}


def _fits(spec: NodeSpec) -> bool:
    """Say whether `as_class` can make a class of a node; which cannot is told, in the log."""
    if not (spec.weak or spec.is_async or spec.expands):
        return True
    logger.info("The node %s runs in ldm_nodes only: inside of ComfyUI it is left out.", spec.name)
    return False


class HostToken(CancelToken):
    """Hears ComfyUI's wish to stop, and stops in ComfyUI's way."""

    @property
    def cancelled(self) -> bool:
        """Whether someone pressed cancel."""
        return bool(import_module("comfy.model_management").processing_interrupted())

    def check(self) -> None:
        """Go on, unless someone pressed cancel; then ComfyUI's own exception is raised."""
        import_module("comfy.model_management").throw_exception_if_processing_interrupted()
        if self.cancelled:
            raise Cancelled


@dataclass
class Reporter:
    """Shows on ComfyUI's progress bar what a node tells."""

    node_id: str
    _bar: Any = None
    _last: tuple[float, float] = (0.0, 1.0)

    def __call__(self, event: Event) -> None:
        """Hear an event of ours."""
        match event:
            case Progress(value=value, total=total):
                self._last = (value, total)
                self._update(None)
            case Preview(image=image):
                self._update(_drawn(image))
            case Notice(message=message):
                logger.warning("Node %s: %s", self.node_id, message)

    def _update(self, preview: Any) -> None:
        value, total = self._last
        if self._bar is None:
            self._bar = import_module("comfy.utils").ProgressBar(total)
        self._bar.update_absolute(value, total, preview)


def _drawn(image: Any) -> Any:
    """Return a preview as ComfyUI sends it, or None where there is nothing to see."""
    from PIL import Image

    pixels = image() if callable(image) else image
    if pixels is None:
        return None
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    return ("JPEG", picture, PREVIEW_SIDE)


@dataclass
class ComfyHost:
    """ComfyUI, asked for what nodes need.

    Attributes:
        facts: what nodes recorded in their last runs, by their ids: what a saved picture tells of its making.
    """

    facts: OrderedDict[str, list[Fact]] = field(default_factory=OrderedDict)

    @cached_property
    def runtime(self) -> Runtime:
        """Devices, and the models that are loaded."""
        return Runtime(Settings(self.folders()))

    def folders(self) -> Folders:
        """Return ComfyUI's folders, as they are now."""
        paths = import_module("folder_paths")
        known = [kind for kind in KINDS if kind in paths.folder_names_and_paths]
        extra = [ExtraFolder(kind, Path(path), first=True) for kind in known for path in paths.get_folder_paths(kind)]
        return Folders(
            base=Path(paths.base_path),
            output=Path(paths.get_output_directory()),
            input=Path(paths.get_input_directory()),
            temp=Path(paths.get_temp_directory()),
            extra=tuple(extra),
        )

    def context(self, node_id: str, prompt: Mapping[str, Any], pnginfo: Mapping[str, Any] | None) -> Context[Runtime]:
        """Return what a call may ask for and tell; what it records is kept for the nodes behind it."""
        told: list[Fact] = []
        self.facts[node_id] = told
        self.facts.move_to_end(node_id)
        while len(self.facts) > REMEMBERED:
            self.facts.popitem(last=False)
        return Context(
            runtime=Runtime(replace(self.runtime.settings, folders=self.folders()), self.runtime),
            node_id=node_id,
            emit=Reporter(node_id),
            token=HostToken(),
            graph=DynamicPrompt(lambda: dict(prompt)),
            extra_pnginfo=pnginfo,
            heard=tuple(fact for source in sources(prompt, node_id) for fact in self.facts.get(source, ())),
            told=told,
        )

    @contextmanager
    def computing(self) -> Iterator[None]:
        """Leave ComfyUI's inference mode: its tensors cannot be trained with, nor kept for later."""
        import torch

        with torch.inference_mode(False), torch.no_grad():
            yield


def sources(prompt: Mapping[str, Any], node_id: str) -> list[str]:
    """Return the nodes that a node's inputs come from, near and far, the farthest first."""
    found: list[str] = []
    waiting = [node_id]
    while waiting:
        for value in prompt.get(waiting.pop(0), {}).get("inputs", {}).values():
            source = value[0] if isinstance(value, list) and value else None
            if isinstance(source, str) and source in prompt and source not in found:
                found.append(source)
                waiting.append(source)
    return found[::-1]
