"""Field types, their options, and which wires fit which sockets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.engine.sockets import Boolean, Choice, Float, Int, Scan, Socket, String, fits

from .pack import FOLDERS

TABLE = json.loads((Path(__file__).parents[1] / "fixtures" / "socket_types.json").read_text())["cases"]


def _io_type(value: str | list[str]) -> str | tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else value


@pytest.mark.parametrize("case", TABLE, ids=lambda case: f"{case['received']}>{case['expected']}")
def test_wires_fit_as_the_shared_table_says(case: dict[str, Any]) -> None:
    assert fits(_io_type(case["received"]), _io_type(case["expected"])) is case["fits"]


class AnyType(str):
    """The trick of many packs: a type that is unequal to nothing."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __ne__(self, other: object) -> bool:
        return False


@pytest.mark.parametrize("pair", [(AnyType("X"), "MODEL"), ("MODEL", AnyType("X")), (("a", "b"), AnyType("X"))])
def test_a_type_with_its_own_comparison_is_heard_from_either_side(pair: tuple[Any, Any]) -> None:
    assert fits(*pair)


def test_options_are_comfyui_s_words() -> None:
    assert Int(min=0, max=9, step=1, control_after_generate=True).options() == {
        "min": 0, "max": 9, "step": 1, "control_after_generate": True,
    }  # fmt: skip
    assert Float(min=0.0, round=0.01, display="slider").options() == {"min": 0.0, "round": 0.01, "display": "slider"}
    assert String(multiline=True, dynamic_prompts=True).options() == {"multiline": True, "dynamicPrompts": True}
    assert Boolean(label_on="yes").options() == {"label_on": "yes"}
    assert Choice(("a",), image_upload=True).options() == {"image_upload": True}
    assert Int(force_input=True).options() == {"forceInput": True}
    assert Socket("MODEL").options() == {}


@pytest.mark.parametrize(
    ("field", "given", "converted"),
    [
        (Int(), "5", 5),
        (Int(), 5.9, 5),
        (Int(), 2**64 - 1, 2**64 - 1),
        (Float(), "0.5", 0.5),
        (String(), 5, "5"),
        (Boolean(), "false", True),
        (Boolean(), "", False),
    ],
)
def test_constants_convert_as_python_does(field: Any, given: Any, converted: Any) -> None:
    assert field.convert(given) == converted


def test_backslashes_mean_slashes_in_files_only() -> None:
    files = Choice(lambda folders: ("sub/a.bin",))
    assert files.pick("sub\\a.bin", ("sub/a.bin",)) == "sub/a.bin"
    with pytest.raises(ValueError, match="a"):
        Choice(("a/b",)).pick("a\\b", ("a/b",))


def test_a_scan_looks_once() -> None:
    looks = []

    def look(folders: object) -> tuple[str, ...]:
        looks.append(folders)
        return ("x",)

    scan = Scan(FOLDERS)
    assert scan.names(look) == scan.names(look) == ("x",)
    assert looks == [FOLDERS]


def test_literals_enter_sockets_that_name_a_widget_s_type() -> None:
    assert Socket("*").accepts_literal
    assert Socket("NOISE, FLOAT").accepts_literal
    assert Socket("COLOR", takes_literal=True).accepts_literal
    assert not Socket("MODEL").accepts_literal
