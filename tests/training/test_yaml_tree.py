from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from ldm_nodes.models.errors import WrongConfig
from ldm_nodes.training.yaml_tree import differences, flat, read_tree, with_overrides


def read(tmp_path: Path, text: str) -> dict[str, Any]:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    return read_tree(path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-6", 1e-6),  # OmegaConf's numbers; plain YAML 1.1 sees a text here
        ("1.e-6", 1e-6),
        ("4.5e-6", 4.5e-6),
        ("1E3", 1000.0),
        (".5", 0.5),
        ("-.5e-2", -0.005),
        ("1_000.5", 1000.5),
        (".inf", math.inf),
        ("0.000001", 1e-6),
        ("12", 12),
        ("1e", "1e"),
        ("e-6", "e-6"),
        ("2020-01-01", "2020-01-01"),  # no date
        ("null", None),
        ("True", True),
        ("[1.e-4]", [1e-4]),
        ("'1e-6'", "1e-6"),
    ],
)
def test_numbers_are_those_of_omegaconf(text: str, value: Any, tmp_path: Path) -> None:
    read_value = read(tmp_path, f"a: {text}")["a"]
    assert read_value == value
    assert type(read_value) is type(value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "not readable as YAML"),
        ("- a", "is no configuration"),
        ("", "is no configuration"),
        ("a: 1\na: 2", "occurs twice"),
        ("a: !!python/object/apply:os.system [ls]", "not readable as YAML"),
        ("a: " + "x" * (1 << 20), "larger than"),
    ],
)
def test_what_is_no_configuration_is_refused(text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(WrongConfig, match=says):
        read(tmp_path, text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WrongConfig, match=r"absent\.yaml cannot be read: No such file"):
        read_tree(tmp_path / "absent.yaml")


def test_overrides_replace_and_add_without_touching_the_tree() -> None:
    tree = {"a": {"b": [1, {"c": 2}]}, "d": None}
    changed = with_overrides(tree, ["a.b.1.c=1e-3", "d.e.f=[1, 2]", "g=x=y", "a.b.0="])
    assert changed == {"a": {"b": [None, {"c": 1e-3}]}, "d": {"e": {"f": [1, 2]}}, "g": "x=y"}
    assert tree == {"a": {"b": [1, {"c": 2}]}, "d": None}


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("a.b", "expected a.b=value"),
        ("a..b=1", "expected a.b=value"),
        ("=1", "expected a.b=value"),
        ("a.x.y=1", "put 'y' into a plain value"),
        ("a.x.y.z=1", "into 'y', which lies in a plain value"),
        ("l.5=1", "entry '5' of a list of 1"),
        ("l.x=1", "entry 'x' of a list of 1"),
        ("l.7.x=1", "entry '7' of a list of 1"),
        ("a.x=[", "not readable as YAML"),
    ],
)
def test_wrong_overrides_are_told(override: str, says: str) -> None:
    with pytest.raises(WrongConfig, match=says):
        with_overrides({"a": {"x": 1}, "l": [1]}, [override])


def test_differences_name_the_leaves() -> None:
    before, after = {"a": {"b": 1, "c": [1]}, "d": {}}, {"a": {"b": 2, "c": [1]}, "e": 0}
    assert flat(before) == {"a.b": 1, "a.c": [1], "d": {}}
    assert differences(before, after) == {"a.b": (1, 2), "d": ({}, None), "e": (None, 0)}
