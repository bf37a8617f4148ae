"""Classes as they are written for ComfyUI run in our engine, by the rules of its contract."""

from __future__ import annotations

from typing import Any

import pytest

from ldm_nodes.comfyui.executing import executing
from ldm_nodes.comfyui.foreign import foreign_spec
from ldm_nodes.engine.blocker import ExecutionBlocker
from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.errors import BadNode, NodeFailed, PromptRejected
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.memory import Memory, Weight
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from tests.engine.pack import FOLDERS


class AnyType(str):
    """The trick by which a third of all packs says "any type"."""

    __slots__ = ()

    def __ne__(self, other: object) -> bool:
        return False


class Source:
    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - ComfyUI's names
        return {
            "required": {"value": ("INT", {"default": 1, "min": 0, "max": 9, "display": "slider", "odd": [1]})},
            "optional": {"name": (["a", "b"],), "more": ("COMBO", {"options": ["x"]})},
            "hidden": {"node": "UNIQUE_ID"},
        }

    RETURN_TYPES = ("INT", AnyType("*"))
    RETURN_NAMES = ("number", "anything")
    FUNCTION = "run"
    CATEGORY = "test"

    def __init__(self) -> None:
        self.calls = 0

    def run(self, value: int, node: str, name: str = "none", **more: Any) -> tuple[Any, ...]:
        self.calls += 1
        return value, {"node": node, "name": name, "calls": self.calls, "at": executing(), **more}


class Sink:
    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
        return {"required": {"value": (AnyType("*"), {}), "late": ("MODEL", {"lazy": True})}}

    RETURN_TYPES = ()
    FUNCTION = "show"
    OUTPUT_NODE = True

    def check_lazy_status(self, value: Any, late: Any) -> list[str]:
        return []

    def show(self, value: Any, late: Any) -> dict[str, Any]:
        return {"ui": {"text": [repr(value)], "value": [value]}}


def _run(graph: dict[str, Any], **classes: type) -> dict[str, Any]:
    registry = Registry(*(foreign_spec(name, cls, module="custom_nodes.test") for name, cls in classes.items()))
    plan = make_plan(Prompt.parse(graph), registry, FOLDERS)
    result = Executor(registry, OutputCache(Memory(1 << 30, lambda outputs: Weight(0))), None).run(plan)
    return dict(result.ui)


def _graph(**source: Any) -> dict[str, Any]:
    return {
        "1": {"class_type": "Source", "inputs": {"value": 3, **source}},
        "2": {"class_type": "Sink", "inputs": {"value": ["1", 1], "late": ["1", 1]}},
    }


def test_a_class_receives_what_its_contract_promises() -> None:
    (value,) = _run(_graph(name="b", more="not in the list"), Source=Source, Sink=Sink)["2"]["value"]
    assert (value["node"], value["name"], value["more"], value["calls"]) == ("1", "b", "not in the list", 1)
    assert value["at"].node_id == "1"


def test_editors_are_told_what_the_pack_wrote() -> None:
    registry = Registry(foreign_spec("Source", Source, title="A source", module="custom_nodes.test"))
    info = registry.object_info(FOLDERS)["Source"]
    assert info["input"]["required"]["value"] == [
        "INT", {"default": 1, "min": 0, "max": 9, "display": "slider", "odd": [1]},
    ]  # fmt: skip
    assert info["input"]["optional"] == {"name": [["a", "b"]], "more": ["COMBO", {"options": ["x"]}]}
    assert info["input"]["hidden"] == {"node": "UNIQUE_ID"}
    assert (info["output"], info["output_name"]) == (["INT", "*"], ["number", "anything"])
    assert (info["display_name"], info["python_module"]) == ("A source", "custom_nodes.test")


@pytest.mark.parametrize(
    ("inputs", "code"), [({"value": 10}, "value_bigger_than_max"), ({"name": "c"}, "value_not_in_list")]
)
def test_ranges_and_lists_hold(inputs: dict[str, Any], code: str) -> None:
    with pytest.raises(PromptRejected) as caught:
        _run(_graph(**inputs), Source=Source, Sink=Sink)
    assert code in {problem.code for problem in caught.value.problems}


def test_a_list_is_asked_for_again() -> None:
    class Growing(Source):
        names: tuple[str, ...] = ("a",)

        @classmethod
        def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802
            return {"required": {"name": (list(cls.names),)}}

    registry = Registry(foreign_spec("Growing", Growing))
    Growing.names = ("a", "later")
    assert registry.object_info(FOLDERS)["Growing"]["input"]["required"]["name"] == [["a", "later"]]


def test_what_is_no_tuple_is_refused_in_words() -> None:
    class Wrong(Source):
        def run(self, *_: Any, **__: Any) -> Any:
            return "abc"

    with pytest.raises(NodeFailed, match="returned str where it declares 2 outputs"):
        _run(_graph(), Source=Wrong, Sink=Sink)


def test_a_blocker_alone_blocks_all_that_follows() -> None:
    class Blocked(Source):
        def run(self, *_: Any, **__: Any) -> Any:
            return ExecutionBlocker(None)

    assert _run(_graph(), Source=Blocked, Sink=Sink) == {}


def test_a_coroutine_is_awaited_and_knows_its_node() -> None:
    class Waiting(Source):
        async def run(self, value: int, node: str, **_: Any) -> Any:  # type: ignore[override]
            context = executing()
            assert context is not None
            return value, context.node_id

    assert _run(_graph(), Source=Waiting, Sink=Sink)["2"]["value"] == ["1"]


def test_a_class_that_is_no_node_is_named() -> None:
    class Nothing:
        pass

    with pytest.raises(BadNode, match="Nothing: the class has no method INPUT_TYPES"):
        foreign_spec("Nothing", Nothing)
    with pytest.raises(BadNode, match="FUNCTION names 'absent'"):
        foreign_spec("Source", type("Absent", (Source,), {"FUNCTION": "absent"}))
