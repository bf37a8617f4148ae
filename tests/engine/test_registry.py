"""The catalogue of nodes and its form for ComfyUI's clients."""

from __future__ import annotations

import json
import types
from typing import Annotated, Any

import pytest

from ldm_nodes.engine.errors import BadNode
from ldm_nodes.engine.registry import Registry, did_you_mean
from ldm_nodes.engine.sockets import Choice, Hidden, Int, Socket
from ldm_nodes.engine.spec import NodeOutput, node

from . import pack
from .pack import FOLDERS, constant, registry

Model = Annotated[Any, Socket("MODEL")]


@node("Constant", category="other")
def other_constant(value: int) -> Model:
    return value


@node("Loader", category="loaders", display_name="Load", deprecated=True, experimental=True)
def loader(
    name: Annotated[str, Choice(lambda folders: (folders.base.name,))],
    seed: Annotated[int, Int(min=0, max=2**64 - 1, control_after_generate=True)] = 0,
    base: Model | None = None,
) -> Model:
    """Load.

    Args:
        seed: which one.
    """
    return name


def test_two_nodes_of_one_name_name_both_owners() -> None:
    with pytest.raises(
        BadNode, match=r"'Constant': tests.engine.pack.constant and tests.*test_registry.other_constant"
    ):
        Registry(constant, other_constant)


def test_looking_up() -> None:
    found = registry()
    assert found["Sum"].name == "Sum"
    assert found.get("Nothing") is None
    assert "Sum" in found
    assert "Nothing" not in found
    assert len(found) == len(list(found)) == 6
    with pytest.raises(KeyError, match=r"There is no node .Constnat.\. Did you mean Constant"):
        found["Constnat"]


def test_suggestions_ignore_case() -> None:
    assert registry().suggestions("CONSTANT") == ("Constant",)
    assert registry().suggestions("qqqq") == ()
    assert did_you_mean(()) == ""
    assert did_you_mean(("A", "B")) == "Did you mean A or B?"


def test_a_module_gives_the_nodes_that_it_defines() -> None:
    filled = Registry()
    filled.register_module(pack)
    assert list(filled) == ["Constant", "Sum", "Split", "Show", "Settings", "Picky"]
    borrower = types.ModuleType("borrower")
    vars(borrower)["constant"] = constant
    filled.register_module(borrower)
    assert len(filled) == 6


def test_object_info_has_comfyui_s_form() -> None:
    info = Registry(loader).object_info(FOLDERS)["Loader"]
    assert info == {
        "input": {
            "required": {
                "name": [["nowhere"]],
                "seed": [
                    "INT",
                    {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True, "tooltip": "which one."},
                ],
            },
            "optional": {"base": ["MODEL"]},
        },
        "input_order": {"required": ["name", "seed"], "optional": ["base"]},
        "output": ["MODEL"],
        "output_is_list": [False],
        "output_name": ["MODEL"],
        "name": "Loader",
        "display_name": "Load",
        "description": "Load.",
        "python_module": __name__,
        "category": "loaders",
        "output_node": False,
        "deprecated": True,
        "experimental": True,
    }


def test_object_info_is_json_and_may_be_of_some_nodes() -> None:
    everything = registry().object_info(FOLDERS)
    assert list(everything) == list(registry())
    assert json.loads(json.dumps(everything)) == everything
    assert list(registry().object_info(FOLDERS, "Sum", "Nothing")) == ["Sum"]


def test_a_node_without_inputs_still_has_a_required_section() -> None:
    @node("Nothing", category="x", output=True)
    def nothing() -> NodeOutput[None]:
        return NodeOutput(None)

    info = Registry(nothing).object_info(FOLDERS)["Nothing"]
    assert info["input"] == {"required": {}}
    assert info["output_node"] is True


def test_lists_and_hidden_inputs_are_told() -> None:
    @node("Lists", category="x")
    def lists(
        values: list[Model], me: Annotated[str, Hidden.UNIQUE_ID], lazy: list[Annotated[Any, Socket("*", lazy=True)]]
    ) -> tuple[list[Model], Model]:
        return values, me

    info = Registry(lists).object_info(FOLDERS)["Lists"]
    assert info["input"] == {
        "required": {"values": ["MODEL"], "lazy": ["*", {"lazy": True}]}, "hidden": {"me": "UNIQUE_ID"},
    }  # fmt: skip
    assert info["input_order"] == {"required": ["values", "lazy"], "hidden": ["me"]}
    assert info["output_is_list"] == [True, False]
