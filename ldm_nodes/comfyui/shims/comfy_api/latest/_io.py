"""`comfy_api.latest.io`: a node is a subclass of `ComfyNode` with a schema and a function `execute`.

What the schema says is there too as the attributes of older classes (`INPUT_TYPES`, `RETURN_TYPES`, …), by which the
program runs it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar

from .....engine.blocker import ExecutionBlocker
from . import _io_types
from ._io_types import *  # noqa: F403 - packs find every type in this module
from ._io_types import Input, Output


class Hidden(Enum):
    """What a node may be given that is no input."""

    unique_id = "UNIQUE_ID"
    prompt = "PROMPT"
    extra_pnginfo = "EXTRA_PNGINFO"
    dynprompt = "DYNPROMPT"
    auth_token_comfy_org = "AUTH_TOKEN_COMFY_ORG"
    api_key_comfy_org = "API_KEY_COMFY_ORG"


@dataclass
class Schema:
    """What a node is; see the contract of ComfyUI for the fields."""

    node_id: str
    display_name: str | None = None
    category: str = "sd"
    inputs: list[Input] = field(default_factory=list)
    outputs: list[Output] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    description: str = ""
    is_input_list: bool = False
    is_output_node: bool = False
    is_deprecated: bool = False
    is_experimental: bool = False
    is_api_node: bool = False
    not_idempotent: bool = False
    enable_expand: bool = False
    accept_all_inputs: bool = False

    def __post_init__(self) -> None:
        self.inputs, self.outputs = list(self.inputs or ()), list(self.outputs or ())
        self.hidden = list(self.hidden or ())
        self.validate()
        wanted = [Hidden.prompt, Hidden.extra_pnginfo] if self.is_output_node else []
        if self.is_api_node:
            wanted += [Hidden.auth_token_comfy_org, Hidden.api_key_comfy_org]
        self.hidden += [kind for kind in wanted if kind not in self.hidden]

    def validate(self) -> None:
        """Look for ids that stand for two things.

        Raises:
            ValueError: when there is one.
        """
        ids = [one.id for one in self.inputs] + [one.id for one in self.outputs if one.id is not None]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"{self.node_id}: the ids {', '.join(twice)} stand for more than one input or output.")

    def input_types(self) -> dict[str, dict[str, Any]]:
        """Return what the older classes' `INPUT_TYPES` returns."""
        sections: dict[str, dict[str, Any]] = {"required": {}, "optional": {}}
        for one in self.inputs:
            sections["optional" if one.optional else "required"][one.id] = one.entry()
        names = {one.id for one in self.inputs}
        sections["hidden"] = {kind.name: (kind.value,) for kind in self.hidden if kind.name not in names}
        return sections


class NodeOutput:
    """What `execute` returns.

    Attributes:
        args: the values.
        ui: what to show, or None.
        expand: a graph to run in the node's place.
        block_execution: why nothing behind it is to run; None lets it run.
    """

    def __init__(
        self,
        *args: Any,
        ui: Any = None,
        expand: Mapping[str, Any] | None = None,
        block_execution: str | None = None,
    ) -> None:
        self.args, self.ui, self.expand, self.block_execution = args, ui, expand, block_execution

    @property
    def result(self) -> tuple[Any, ...]:
        """The values."""
        return self.args

    def __getitem__(self, index: int) -> Any:
        return self.args[index]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NodeOutput:
        """Read what the older classes' functions return."""
        result = data.get("result", ())
        if isinstance(result, ExecutionBlocker):
            return cls(ui=data.get("ui"), expand=data.get("expand"), block_execution=result.message or "")
        return cls(*result, ui=data.get("ui"), expand=data.get("expand"))


class HiddenHolder:
    """The hidden values of one call; those that were not asked for are None."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._values.get(name)


class _FromSchema:
    """An attribute of older classes that the schema tells."""

    def __init__(self, read: Callable[[Schema], Any]) -> None:
        self._read = read

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self._read(owner.GET_SCHEMA())


class _Locked(type):
    """A class whose attributes cannot be set: what one call keeps there, another would find."""

    def __setattr__(cls, name: str, value: Any) -> None:
        raise AttributeError(f"{cls.__name__}.{name} cannot be set: a node keeps nothing between its calls.")


class ComfyNode:
    """The base of nodes: override `define_schema` and `execute`."""

    RELATIVE_PYTHON_MODULE: ClassVar[str | None] = None
    SCHEMA: ClassVar[Schema | None] = None
    hidden: ClassVar[HiddenHolder] = HiddenHolder({})

    CATEGORY = _FromSchema(lambda schema: schema.category)
    DESCRIPTION = _FromSchema(lambda schema: schema.description)
    DEPRECATED = _FromSchema(lambda schema: schema.is_deprecated)
    EXPERIMENTAL = _FromSchema(lambda schema: schema.is_experimental)
    API_NODE = _FromSchema(lambda schema: schema.is_api_node)
    OUTPUT_NODE = _FromSchema(lambda schema: schema.is_output_node)
    INPUT_IS_LIST = _FromSchema(lambda schema: schema.is_input_list)
    NOT_IDEMPOTENT = _FromSchema(lambda schema: schema.not_idempotent)
    RETURN_TYPES = _FromSchema(lambda schema: tuple(one.kind() for one in schema.outputs))
    RETURN_NAMES = _FromSchema(lambda schema: tuple(one.title() for one in schema.outputs))
    OUTPUT_IS_LIST = _FromSchema(lambda schema: tuple(one.is_output_list for one in schema.outputs))
    OUTPUT_TOOLTIPS = _FromSchema(lambda schema: tuple(one.tooltip or "" for one in schema.outputs))

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if isinstance(cls, _Locked):
            return
        waits = inspect.iscoroutinefunction(cls.execute)
        cls.FUNCTION = "EXECUTE_NORMALIZED_ASYNC" if waits else "EXECUTE_NORMALIZED"
        for own, older in (("fingerprint_inputs", "IS_CHANGED"), ("validate_inputs", "VALIDATE_INPUTS")):
            if getattr(cls, own, None) is not None:
                setattr(cls, older, _Alias(own))

    FUNCTION: ClassVar[str] = "EXECUTE_NORMALIZED"

    @classmethod
    def define_schema(cls) -> Schema:
        """Return what the node is."""
        raise NotImplementedError(f"{cls.__name__} has no define_schema.")

    @classmethod
    def execute(cls, **kwargs: Any) -> Any:
        """Do the node's work."""
        raise NotImplementedError(f"{cls.__name__} has no execute.")

    @classmethod
    def GET_SCHEMA(cls) -> Schema:  # noqa: N802 - ComfyUI's name
        """Return what the node is, as it is defined now."""
        return cls.define_schema()

    FINALIZE_SCHEMA = GET_SCHEMA

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, dict[str, Any]]:  # noqa: N802 - ComfyUI's name
        """Return the inputs as older classes tell them."""
        return cls.GET_SCHEMA().input_types()

    @classmethod
    def EXECUTE_NORMALIZED(cls, *args: Any, **kwargs: Any) -> NodeOutput:  # noqa: N802 - ComfyUI's name
        """Run `execute`, and return what it came to as a `NodeOutput`."""
        called, inputs, schema = cls._prepared(kwargs)
        return _normalized(called.execute(*args, **inputs), schema)

    @classmethod
    async def EXECUTE_NORMALIZED_ASYNC(cls, *args: Any, **kwargs: Any) -> NodeOutput:  # noqa: N802 - ComfyUI's name
        """Run a coroutine `execute`; see `EXECUTE_NORMALIZED`."""
        called, inputs, schema = cls._prepared(kwargs)
        return _normalized(await called.execute(*args, **inputs), schema)

    @classmethod
    def _prepared(cls, given: dict[str, Any]) -> tuple[Any, dict[str, Any], Schema]:
        """Return the class of one call, which knows the hidden values and is locked, and its inputs."""
        schema = cls.GET_SCHEMA()
        names = {one.id for one in schema.inputs}
        hidden = {kind.name for kind in schema.hidden} - names
        values = HiddenHolder({key: value for key, value in given.items() if key in hidden})
        return cls.PREPARE_CLASS_CLONE(values), {k: v for k, v in given.items() if k not in hidden}, schema

    @classmethod
    def PREPARE_CLASS_CLONE(cls, hidden: HiddenHolder) -> Any:  # noqa: N802 - ComfyUI's name
        """Return a copy of the class for one call."""
        return _Locked(cls.__name__, (cls,), {"hidden": hidden, "__module__": cls.__module__})


class _Alias:
    """A class method under a second name; its parameters are read to know what to give it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return getattr(owner, self._name)


def _normalized(returned: Any, schema: Schema) -> NodeOutput:
    if isinstance(returned, NodeOutput):
        found = returned
    elif returned is None:
        found = NodeOutput()
    elif isinstance(returned, Mapping):
        found = NodeOutput.from_dict(returned)
    elif isinstance(returned, tuple):
        found = NodeOutput(*returned)
    elif isinstance(returned, ExecutionBlocker):
        found = NodeOutput(block_execution=returned.message or "")
    else:
        raise TypeError(f"{schema.node_id} returned {type(returned).__name__}; expected io.NodeOutput(...).")
    if found.expand is not None and not schema.enable_expand:
        raise ValueError(f"{schema.node_id} returned a graph; its schema must say enable_expand=True.")
    return found


class ClassTypes(Enum):
    """Which way of writing nodes a class follows."""

    V1 = "V1"
    V3 = "V3"


__all__ = [*_io_types.__all__, "ComfyNode", "Hidden", "HiddenHolder", "NodeOutput", "Schema"]
