"""Which value belongs to which field: by position, by recorded names, or laid along the fields by what fits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine.catalogue import definition_of
from ldm_nodes.engine.errors import MISSING
from ldm_nodes.engine.text_tokens import drawn
from ldm_nodes.engine.widget_values import LIKELY, POSSIBLE, RIGHT, WRONG, Values, fit, named_values, read_values
from ldm_nodes.engine.widgets import Widget, widgets_of

from .editor import CATALOGUE


def _widgets(name: str) -> tuple[Widget, ...]:
    info = CATALOGUE.info(name)
    assert info is not None
    return widgets_of(definition_of(name, info))


def _of(info: dict[str, Any], name: str = "A") -> list[str]:
    return [widget.name for widget in widgets_of(definition_of(name, {"input": {"required": info}, "output": []}))]


SAMPLE = _widgets("Sample")
FULL = {"seed": 7, "steps": 30, "cfg": 5.5, "sampler": "heun", "strength": 0.5}


def test_fields_stand_in_the_order_of_the_class() -> None:
    names = ["seed", "control_after_generate", "steps", "cfg", "sampler", "strength"]
    assert [widget.name for widget in SAMPLE] == names
    assert [widget.sent for widget in SAMPLE] == [True, False, True, True, True, True]


@pytest.mark.parametrize(
    ("info", "names"),
    [
        ({"seed": ["INT"]}, ["seed", "control_after_generate"]),
        ({"seed": ["INT", {"control_after_generate": False}]}, ["seed"]),
        ({"n": ["INT", {"control_after_generate": "later"}]}, ["n", "later"]),
        ({"c": [["a"], {"control_after_generate": True}]}, ["c", "control_after_generate", "control_filter_list"]),
        ({"a": ["INT", {"forceInput": True}], "b": ["MODEL"], "c": ["FLOAT,INT"]}, []),
        ({"a": ["FLOAT,INT", {"widgetType": "FLOAT"}]}, ["a"]),
        ({"a": ["INT", {"defaultInput": True}]}, ["a"]),
        ({"image": [["x"], {"image_upload": True}], "channel": [["red"]]}, ["image", "channel", "upload"]),
        (
            {"image": ["COMBO", {"image_upload": True, "remote": {"refresh_button": True}}]},
            ["image", "auto_refresh", "refresh", "upload"],
        ),
    ],
)
def test_which_fields_an_input_brings(info: dict[str, Any], names: list[str]) -> None:
    assert _of(info) == names


def test_fields_that_only_the_official_editor_adds() -> None:
    assert _of({"audio": [["x"], {"audio_upload": True}]}, "LoadAudio") == ["audio", "audioUI", "upload"]
    found = widgets_of(definition_of("PreviewAny", {"input": {"required": {"source": ["*"]}}, "output": []}))
    assert read_values([None], found).by_name == {"preview": ""}


@pytest.mark.parametrize(
    "values",
    [
        [7, "randomize", 30, 5.5, "heun", 0.5],
        [7, True, 30, 5.5, "heun", 0.5],
        [7, 30, 5.5, "heun", 0.5],
        [7, "fixed", 30, 5.5, "gone", "heun", 0.5],
    ],
)
def test_values_of_other_versions_of_a_class_are_found(values: list[Any]) -> None:
    assert read_values(values, SAMPLE) == Values(FULL)


def test_missing_values_are_the_defaults() -> None:
    assert read_values([], SAMPLE) == Values({"seed": 0, "steps": 20, "cfg": 8.0, "sampler": "euler", "strength": 1.0})


def test_a_field_without_value_and_default_is_left_out() -> None:
    assert read_values([], _widgets("ControlNetLoader")) == Values({})


def test_recorded_names_decide_where_the_order_is_another_now() -> None:
    read = read_values([16, 1, 32], _widgets("Empty"), ["height", "batch_size", "width"])
    assert read == Values({"width": 32, "height": 16, "batch_size": 1})


def test_recorded_names_know_the_control_of_a_seed() -> None:
    values = ["heun", 7, "fixed", 30, 5.5]
    read = read_values(values, SAMPLE, ["sampler", "seed", "steps", "cfg"])
    assert read == Values({**FULL, "strength": 1.0})


def test_what_fits_in_two_ways_is_told() -> None:
    read = read_values([32, 48], _widgets("Empty"))
    assert read.by_name == {"width": 32, "height": 48, "batch_size": 1}
    assert "2 values where the class has 3 fields" in read.doubt
    assert not read.wrong


def test_what_does_not_fit_in_order_but_in_two_ways_is_wrong() -> None:
    read = read_values(["x", 48], _widgets("Empty"))
    assert "several ways" in read.doubt
    assert read.wrong


def test_a_value_of_another_type_is_told_and_stays_where_it_stands() -> None:
    read = read_values([512, "x", 1], _widgets("Empty"))
    assert read.by_name == {"width": 512, "height": "x", "batch_size": 1}
    assert read.wrong
    assert "height" in read.doubt


def test_a_file_that_is_not_here_is_still_a_file() -> None:
    fields = widgets_of(
        definition_of(
            "A", {"input": {"required": {"mode": [["fast", "slow"]], "file": [["a.png", "b.PNG"]]}}, "output": []}
        )
    )
    assert read_values(["elsewhere.png"], fields) == Values({"mode": "fast", "file": "elsewhere.png"})


@pytest.mark.parametrize(
    ("value", "widget", "expected"),
    [
        (5, Widget("a", "INT", low=0, high=9), RIGHT),
        (50, Widget("a", "INT", low=0, high=9), POSSIBLE),
        (True, Widget("a", "INT"), WRONG),
        (0.5, Widget("a", "INT"), POSSIBLE),
        (2**64 - 1, Widget("a", "INT", low=0, high=2**64 - 1), RIGHT),
        ("5", Widget("a", "FLOAT"), WRONG),
        (5, Widget("a", "STRING"), WRONG),
        ("fixed", Widget("a", "STRING"), POSSIBLE),
        (1, Widget("a", "BOOLEAN"), POSSIBLE),
        ("no", Widget("a", "BOOLEAN"), WRONG),
        ("x", Widget("a", "COMBO", choices=("x", "y")), RIGHT),
        ("a\\x.png", Widget("a", "COMBO", choices=("a/x.png",)), RIGHT),
        ("a/x.png", Widget("a", "COMBO", choices=("a\\x.png",)), RIGHT),
        ("z.png", Widget("a", "COMBO", choices=("a/x.png",)), LIKELY),
        ("z", Widget("a", "COMBO", choices=("x", "y")), POSSIBLE),
        (3, Widget("a", "COMBO", choices=("x", "y")), WRONG),
        ("z", Widget("a", "COMBO"), RIGHT),
        ("sometimes", Widget("a", "CONTROL"), WRONG),
        (None, Widget("a", "INT"), POSSIBLE),
    ],
)
def test_how_well_a_value_goes_with_a_field(value: Any, widget: Widget, expected: int) -> None:
    assert fit(value, widget) == expected


def test_named_values_need_no_order() -> None:
    assert named_values({"cfg": 2.0, "seed": 1, "other": 3}, SAMPLE).by_name == {
        "seed": 1, "steps": 20, "cfg": 2.0, "sampler": "euler", "strength": 1.0,
    }  # fmt: skip
    assert named_values({"other": 3}, ()).by_name == {"other": 3}


@settings(deadline=None, max_examples=100)
@given(st.lists(st.none() | st.booleans() | st.integers(0, 20) | st.sampled_from(["euler", "fixed", "x"]), max_size=9))
def test_whatever_the_values_are_every_field_gets_one_of_them_or_its_default(values: list[Any]) -> None:
    read = read_values(values, SAMPLE)
    assert set(read.by_name) == set(FULL)
    defaults = [widget.default for widget in SAMPLE]
    assert all(any(value is item or value == item for item in [*values, *defaults]) for value in read.by_name.values())
    assert MISSING not in read.by_name.values()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no braces", "no braces"),
        ("{a|b}{c}", "bc"),
        ("{a|{b|c}} d", "c d"),
        (r"\{a|b\} \x", r"{a|b} \x"),
        ("open {a|b", "open {a|b"),
        ("shut} a|b", "shut} a|b"),
        ("a /* gone\n */b // gone\nc", "a b \nc"),
        ("{" * 50_000 + "}" * 50_000, ""),
    ],
)
def test_random_choices_in_texts(text: str, expected: str) -> None:
    assert drawn(text, lambda choices: choices[-1]) == expected
