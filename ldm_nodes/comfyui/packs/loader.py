"""Loads packs, one after the other: the code of each under a guard, its classes as nodes of ours, and a report."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

from ...engine.errors import BadNode
from ...engine.registry import Registry
from ...engine.spec import Node, NodeSpec
from ..foreign import foreign_spec
from .footprint import changed, footprint
from .guard import run_guarded
from .no_installing import refuse_installing
from .pack import Pack
from .report import PackReport, PackState, Trouble, trouble_of
from .scan import Finding, scan

log = logging.getLogger(__name__)

SECONDS = 120.0
"""How long a pack may take to load: what it imports, torch among it, is loaded in this time too."""


@dataclass(frozen=True)
class Brought:
    """What a module offers.

    Attributes:
        classes: name to class, as written for ComfyUI.
        titles: name to what editors call it.
        specs: nodes of ours.
    """

    classes: Mapping[str, type] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    specs: tuple[NodeSpec, ...] = ()


@dataclass(frozen=True)
class Loader:
    """Loads packs into a registry.

    Attributes:
        registry: where their nodes go.
        install: puts the modules that packs import where they look for them; called before the first pack.
        allowed: says whether a pack with such findings may be loaded.
        overridable: names of nodes that packs may replace.
        seconds: how long one may take.
        prestartup: whether `prestartup_script.py` of packs are run.
    """

    registry: Registry
    install: Callable[[], None]
    allowed: Callable[[Pack, tuple[Finding, ...]], bool] = lambda pack, findings: True
    overridable: frozenset[str] = frozenset()
    seconds: float = SECONDS
    prestartup: bool = False

    def load(self, packs: Iterable[Pack]) -> tuple[PackReport, ...]:
        """Load packs and return what became of each."""
        found = tuple(packs)
        if found:
            refuse_installing()
            self.install()
        return tuple(self._report(pack) for pack in found)

    def _report(self, pack: Pack) -> PackReport:
        findings = scan(pack)
        if not self.allowed(pack, findings):
            trouble = Trouble("It has not been loaded, because nobody has said that it may be", REMEDY_REFUSED)
            return PackReport(pack, PackState.REFUSED, trouble=(trouble,), findings=findings)
        before = footprint(pack)
        done = run_guarded(lambda: self._brought(pack), self.seconds)
        written = changed(before, footprint(pack))
        report = PackReport(
            pack, PackState.FAILED, findings=findings, patches=done.patches, written=written,
            seconds=done.seconds, nbytes=done.nbytes,
        )  # fmt: skip
        if done.error is not None or done.value is None:
            error = done.error or ImportError("it brought nothing")
            log.info("The pack %s could not be loaded: %s", pack.name, error)
            return replace(report, trouble=(trouble_of(error, pack),))
        names, problems = self._register(pack, done.value)
        return replace(report, state=PackState.LOADED, nodes=names, trouble=problems)

    def _brought(self, pack: Pack) -> Brought:
        if self.prestartup and pack.path.is_dir() and (script := pack.path / "prestartup_script.py").is_file():
            _execute(f"{pack.module_name}.prestartup_script", Pack(pack.name, script))
        return brought_by(_execute(pack.module_name, pack))

    def _register(self, pack: Pack, brought: Brought) -> tuple[tuple[str, ...], tuple[Trouble, ...]]:
        """Add the nodes; a name that is taken is there as `pack/name`."""
        names: list[str] = []
        problems: list[Trouble] = []
        module = f"custom_nodes.{pack.name}"
        for spec in brought.specs:
            own = f"{pack.name}/{spec.name}"
            ours = replace(spec, name=own, module=module, version=f"{spec.version} {pack.digest}")
            names.append(self._named(spec.name, own, ours, problems))
        for name, cls in brought.classes.items():
            title = brought.titles.get(name, "")
            own = f"{pack.name}/{name}"
            try:
                spec = foreign_spec(own, cls, title=str(title or name), module=module, version=pack.digest)
            except Exception as error:  # noqa: BLE001 - INPUT_TYPES is the pack's code
                problems.append(trouble_of(error, pack) if not isinstance(error, BadNode) else Trouble(str(error)))
                continue
            names.append(self._named(name, own, spec, problems))
        return tuple(names), tuple(problems)

    def _named(self, name: str, own: str, spec: NodeSpec, problems: list[Trouble]) -> str:
        taken = self.registry.get(name)
        if taken is None:
            self.registry.register(replace(spec, name=name))
            return name
        if name in self.overridable:
            log.warning("The node %s of %s is replaced by that of %s, as allowed.", name, taken.module, spec.module)
            self.registry.replace(replace(spec, name=name))
            return name
        self.registry.register(spec)
        problems.append(
            Trouble(
                f"The name {name} is taken by {taken.module}, so {spec.module} does not get it",
                f"Write {own} in graphs to have this one, leave one of the two packs out, or let it replace the other "
                f"with --allow-override {name}.",
            )
        )
        return own


REMEDY_REFUSED = "Look through its findings, and answer yes when you are asked at the next start on a terminal."


def brought_by(module: ModuleType) -> Brought:
    """Return what a pack's module offers, by the first of these that it has.

    `NODES`, a list of nodes of ours; a function `register(registry)` of its own; `NODE_CLASS_MAPPINGS`;
    `comfy_entrypoint`. So a pack of ours may have ComfyUI's names too, for ComfyUI.

    Raises:
        BadNode: when it offers nothing, or a node of ours that describes none.
    """
    if (specs := _of_ours(module)) is not None:
        return Brought(specs=specs)
    classes = getattr(module, "NODE_CLASS_MAPPINGS", None)
    if isinstance(classes, Mapping):
        titles = getattr(module, "NODE_DISPLAY_NAME_MAPPINGS", None)
        return Brought(dict(classes), dict(titles) if isinstance(titles, Mapping) else {})
    entry = getattr(module, "comfy_entrypoint", None)
    if callable(entry):
        nodes = asyncio.run(_listed(entry))
        schemas = [(cls.GET_SCHEMA(), cls) for cls in nodes]
        return Brought(
            {schema.node_id: cls for schema, cls in schemas},
            {schema.node_id: schema.display_name or schema.node_id for schema, _ in schemas},
        )
    if isinstance(getattr(module, "WEB_DIRECTORY", None), str):
        return Brought()  # it brings something for the browser alone
    raise BadNode("It has neither NODE_CLASS_MAPPINGS nor comfy_entrypoint, nor NODES, so it brings no nodes.")


def _of_ours(module: ModuleType) -> tuple[NodeSpec, ...] | None:
    """Return the nodes of a module that was written for us, or None for one that was not."""
    listed = getattr(module, "NODES", None)
    if isinstance(listed, list | tuple) and listed and all(isinstance(found, Node) for found in listed):
        return tuple(found.spec for found in listed)
    register = vars(module).get("register")
    if not inspect.isfunction(register) or list(inspect.signature(register).parameters) != ["registry"]:
        return None
    offered = Registry()
    register(offered)
    return tuple(offered[name] for name in offered)


async def _listed(entry: Callable[..., Any]) -> list[Any]:
    """Ask an extension of the newer kind for its classes."""
    extension = entry()
    if inspect.isawaitable(extension):
        extension = await extension
    found = extension.get_node_list()
    return list(await found if inspect.isawaitable(found) else found)


def _execute(name: str, pack: Pack) -> ModuleType:
    """Run a pack's file as a module of this name; it stands in `sys.modules` while it runs, for relative imports."""
    where = [str(pack.path)] if pack.path.is_dir() else None
    if pack.module:
        return importlib.import_module(pack.module)
    spec = importlib.util.spec_from_file_location(name, pack.entry, submodule_search_locations=where)
    if spec is None or spec.loader is None:
        raise ImportError(f"{pack.entry.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    return module
