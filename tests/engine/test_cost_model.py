"""What was learned predicts what will be; a damaged file is a fresh start."""

from __future__ import annotations

import json
import random
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldm_nodes.engine.cost_model import MOST_LINES, REMEMBERED, UNKNOWN, CostModel, Span, Work, default_path


def _work(size: float = 1.0, checkpoint: str = "a", name: str = "KSampler", steps: float = 1.0) -> Work:
    return Work(name, frozenset({("ckpt_name", checkpoint)}), size, steps)


def test_of_an_unknown_class_a_guess_is_made() -> None:
    assert CostModel().predict(_work()) == UNKNOWN


def test_one_run_predicts_in_proportion() -> None:
    model = CostModel()
    model.learn(_work(20), 10.0)
    assert model.predict(_work(20)) == 10.0
    assert model.predict(_work(40)) == 20.0


def test_steps_are_alike() -> None:
    model = CostModel()
    model.learn(_work(10, steps=20), 40.0)
    assert model.predict(_work(10, steps=5)) == 10.0
    model.learn(_work(20, steps=10), 30.0)
    assert model.predict(_work(40, steps=2)) == pytest.approx(10.0)


def test_runs_of_two_sizes_tell_what_does_not_grow() -> None:
    model = CostModel()
    for size in (10, 20):
        model.learn(_work(size), 3.0 + 0.5 * size)
    assert model.predict(_work(100)) == pytest.approx(53.0)


def test_a_slow_first_run_bends_nothing() -> None:
    model = CostModel()
    for seconds in (30.0, 1.0, 1.02):
        model.learn(_work(), seconds)
    assert model.predict(_work()) == pytest.approx(1.02)


def test_the_range_narrows_with_every_run_and_holds_half_of_them() -> None:
    model = CostModel()
    assert model.foresee(_work()) == Span(UNKNOWN, 0.0, None)
    widths = []
    for _ in range(REMEMBERED):
        model.learn(_work(), 2.0)
        span = model.foresee(_work())
        assert span.high is not None
        assert span.seconds == 2.0
        widths.append(span.high - span.low)
    assert widths == sorted(widths, reverse=True)
    for seconds in (1.0, 2.0, 4.0) * 3:
        model.learn(_work(), seconds)
    assert model.foresee(_work(steps=3)) == Span(6.0, 3.0, 12.0)


def test_what_makes_one_longer_makes_all_longer() -> None:
    assert Span.total([Span(1.0, 0.5, 2.0), Span(3.0, 1.0, 5.0)]) == Span(4.0, 1.5, 7.0)
    assert Span.total([Span(1.0, 0.5, 2.0), Span(3.0, 1.0, None)]) == Span(4.0, 1.5, None)


def test_another_checkpoint_has_a_line_of_its_own_once_it_is_known() -> None:
    model = CostModel()
    model.learn(_work(checkpoint="small"), 1.0)
    assert model.predict(_work(checkpoint="large")) == 1.0
    model.learn(_work(checkpoint="large"), 4.0)
    assert (model.predict(_work(checkpoint="small")), model.predict(_work(checkpoint="large"))) == (1.0, 4.0)


def test_after_three_runs_half_of_all_predictions_are_within_a_fifth() -> None:
    rng = random.Random(0)
    errors = []
    for _ in range(200):
        model, rate, fixed = CostModel(), rng.uniform(0.01, 1), rng.uniform(0, 2)

        def seconds(size: int, rate: float = rate, fixed: float = fixed) -> float:
            return (fixed + rate * size) * rng.uniform(0.9, 1.1)

        for number in range(3):
            size = rng.randint(5, 60)
            model.learn(_work(size), seconds(size) + (3.0 if number == 0 else 0.0))
        size = rng.randint(5, 60)
        errors.append(abs(model.predict(_work(size)) / seconds(size) - 1))
    assert median(errors) < 0.2


def test_it_is_written_and_read(tmp_path: Path) -> None:
    path, model = tmp_path / "sub" / "costs.json", CostModel()
    for size in range(3 * REMEMBERED):
        model.learn(_work(size), 2.0 * size)
    model.save(path)
    assert CostModel.load(path).lines == model.lines
    assert all(len(points) == REMEMBERED for points in model.lines.values())
    written = path.stat().st_mtime_ns
    model.save(path)
    assert path.stat().st_mtime_ns == written, "nothing new was learned"
    assert [entry.name for entry in path.parent.iterdir()] == ["costs.json"]


def test_it_stays_small() -> None:
    model = CostModel()
    for number in range(MOST_LINES + 50):
        model.learn(_work(checkpoint=str(number)), 1.0)
    assert len(model.lines) == MOST_LINES
    assert model.predict(_work(checkpoint=str(MOST_LINES + 49))) == 1.0


GOOD = {"version": 1, "lines": {"KSampler": [[1.0, 2.0]]}}


@pytest.mark.parametrize(
    "document",
    [
        "", "{", "[]", "null", json.dumps({**GOOD, "version": 0}), json.dumps({**GOOD, "lines": []}),
        *(json.dumps({**GOOD, "lines": {"a": points}}) for points in (
            5, [1], [[1]], [["1", 2]], [[1, -2]], [[1, float("nan")]], [[1, float("inf")]], [[True, 1]], [[1, 2]] * 100,
        )),
        "[" * 100_000,
    ],
)  # fmt: skip
def test_a_damaged_file_is_a_fresh_start(document: str, tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_text(json.dumps(GOOD))
    assert CostModel.load(path).predict(_work()) == 2.0
    path.write_text(document)
    assert CostModel.load(path).lines == {}


@given(st.lists(st.tuples(st.floats(0, 1e12), st.floats(0, 1e9)), max_size=12), st.floats(0, 1e12))
def test_a_prediction_is_never_negative(points: list[tuple[float, float]], size: float) -> None:
    model = CostModel()
    for at, seconds in points:
        model.learn(_work(at), seconds)
    assert model.predict(_work(size)) >= 0


@pytest.mark.parametrize("name", ["XDG_CACHE_HOME", "LOCALAPPDATA"])
def test_the_place_is_the_user_s(name: str) -> None:
    environment: dict[str, Any] = {name: "somewhere"}
    assert default_path(environment) == Path("somewhere", "ldm_nodes", "costs.json")
    assert default_path({}).name == "costs.json"
