"""What runs again and what does not, over several runs of a graph that changes: never stale, and never in vain."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ldm_nodes.engine import disk_cache
from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.context import Context
from ldm_nodes.engine.disk_cache import DiskCache
from ldm_nodes.engine.events import Cached, Event, Explained, Notice
from ldm_nodes.engine.executor import Executor, RunResult
from ldm_nodes.engine.explanation import Cause
from ldm_nodes.engine.memory import Memory, Weight
from ldm_nodes.engine.plan import make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Int, Socket
from ldm_nodes.engine.spec import NodeOutput, node
from ldm_nodes.settings import CacheSettings

from .pack import FOLDERS, Graph, Number, Text

Anything = Annotated[Any, Socket("*")]
Salt = Annotated[int, Int(optional=True)]


@dataclass
class World:
    """The runtime of these tests: what ran, and what volatile nodes see when they look outside."""

    ran: list[str] = field(default_factory=list)
    outside: int = 0


class Opaque:
    """A value that only its maker knows: it cannot be hashed."""

    def __init__(self, value: int) -> None:
        self.value = value


@node("Constant", category="test")
def constant(value: Annotated[int, Int()], salt: Salt = 0, *, context: Context[World]) -> Number:
    context.runtime.ran.append(context.node_id)
    return value


@node("Volatile", category="test", fingerprint=lambda: float("nan"))
def volatile(salt: Salt = 0, *, context: Context[World]) -> Number:
    context.runtime.ran.append(context.node_id)
    return context.runtime.outside


@node("Half", category="test")
def half(a: Anything, salt: Salt = 0, *, context: Context[World]) -> Number:
    context.runtime.ran.append(context.node_id)
    return _number(a) // 2


@node("Sum", category="test")
def total(a: Anything, b: Anything, salt: Salt = 0, *, context: Context[World]) -> Number:
    context.runtime.ran.append(context.node_id)
    return _number(a) + _number(b)


@node("Wrap", category="test")
def wrap(a: Anything, salt: Salt = 0, *, context: Context[World]) -> Number:
    context.runtime.ran.append(context.node_id)
    return Opaque(_number(a))


@node("Say", category="test")
def say(text: str, *, context: Context[World]) -> Text:
    context.runtime.ran.append(context.node_id)
    return text


@node("Length", category="test")
def length(text: Annotated[str, Socket("TEXT", takes_literal=True)], *, context: Context[World]) -> Number:
    context.runtime.ran.append(context.node_id)
    return len(text)


@node("Show", category="test", output=True)
def show(value: Anything, *, context: Context[World]) -> NodeOutput[None]:
    context.runtime.ran.append(context.node_id)
    context.record(shown=context.node_id)
    return NodeOutput(None, {"text": [str(value)]})


NODES = (constant, volatile, half, total, wrap, say, length, show)


def _number(value: Any) -> int:
    return value.value if isinstance(value, Opaque) else int(value)


def _executor(cache: OutputCache | None = None) -> Executor[World]:
    return Executor(Registry(*NODES), cache or OutputCache(Memory(10**9, lambda _: Weight(1))), World())


def _run(runner: Executor[World], graph: Graph, *targets: str, outside: int = 0) -> tuple[RunResult, set[str]]:
    runner.runtime.ran.clear()
    runner.runtime.outside = outside
    result = runner.run(make_plan(Prompt.parse(graph), runner.registry, FOLDERS, list(targets) or None))
    assert len(runner.runtime.ran) == len(set(runner.runtime.ran)), "no node runs twice"
    assert set(runner.runtime.ran) == {name for name, record in result.nodes.items() if record.status == "ran"}
    return result, set(runner.runtime.ran)


def _n(class_type: str, **inputs: Any) -> dict[str, Any]:
    return {"class_type": class_type, "inputs": inputs}


# what stops where


LINE: Graph = {
    "1": _n("Constant", value=4),
    "2": _n("Half", a=["1", 0]),
    "3": _n("Half", a=["2", 0]),
    "4": _n("Wrap", a=["3", 0]),
    "5": _n("Half", a=["4", 0]),
}


def test_a_change_that_changes_no_byte_stops_where_it_is_noticed() -> None:
    runner = _executor()
    assert _run(runner, LINE, "5")[1] == set("12345")
    result, ran = _run(runner, {**LINE, "1": _n("Constant", value=5)}, "5")
    assert ran == {"1", "2"}
    assert result.nodes["3"].causes == result.nodes["5"].causes == (Cause("same_bytes"),)
    assert result.outputs == {"5": (0,)}
    assert _run(runner, {**LINE, "1": _n("Constant", value=6)}, "5")[1] == set("12345") - {"4", "5"}


def test_what_cannot_be_hashed_changes_with_its_maker() -> None:
    runner = _executor()
    line = {**LINE, "3": _n("Wrap", a=["1", 0])}
    _run(runner, line, "5")
    assert _run(runner, {**line, "1": _n("Constant", value=5)}, "5")[1] == {"1", "3", "4", "5"}


def test_the_same_text_through_another_node() -> None:
    runner = _executor()
    _run(runner, {"1": _n("Length", text="a fox"), "2": _n("Half", a=["1", 0])}, "2")
    wired = {"1": _n("Length", text=["0", 0]), "2": _n("Half", a=["1", 0]), "0": _n("Say", text="a fox")}
    assert _run(runner, wired, "2")[1] == {"0"}
    longer = {**wired, "0": _n("Say", text="a foxes")}
    assert _run(runner, longer, "2")[1] == {"0", "1", "2"}
    assert _run(runner, {"1": _n("Length", text="a foxes"), "2": _n("Half", a=["1", 0])}, "2")[1] == set()


VOLATILE: Graph = {
    "1": _n("Volatile"),
    "2": _n("Half", a=["1", 0]),
    "3": _n("Half", a=["2", 0]),
    "4": _n("Show", value=["3", 0]),
}


def test_what_follows_a_node_that_is_never_the_same_runs_only_if_its_bytes_changed() -> None:
    runner = _executor()
    assert _run(runner, VOLATILE, outside=4)[1] == set("1234")
    result, ran = _run(runner, VOLATILE, outside=4)
    assert ran == {"1"}
    assert result.nodes["1"].causes == (Cause("always"),)
    assert result.ui == {"4": {"text": ["1"]}}
    assert _run(runner, VOLATILE, outside=5)[1] == {"1", "2"}
    assert _run(runner, VOLATILE, outside=9)[1] == set("1234")


def test_what_saves_the_graph_runs_when_the_graph_is_another() -> None:
    runner = _executor()
    graph = {**LINE, "6": _n("Show", value=["5", 0])}
    assert _run(runner, graph)[1] == set("123456")
    assert _run(runner, {**graph, "1": _n("Constant", value=5)})[1] == {"1", "2", "6"}


def test_the_picture_of_a_graph_tells_how_it_was_made_now() -> None:
    heard = []

    @node("Made", category="test")
    def made(a: Anything, name: str, *, context: Context[World]) -> Number:
        context.record(name=name)
        return 1

    @node("Pass", category="test")
    def passing(a: Anything, *, context: Context[World]) -> Number:
        context.record(passed=True)
        return a

    @node("Tell", category="test", output=True)
    def tell(a: Anything, *, context: Context[World]) -> None:
        heard.append(context.heard)

    runner = Executor(Registry(*NODES, made, passing, tell), OutputCache(Memory(10**9)), World())
    for name in ("one", "two", "two"):
        graph = {
            "1": _n("Constant", value=1), "2": _n("Made", a=["1", 0], name=name), "3": _n("Pass", a=["2", 0]),
            "4": _n("Tell", a=["3", 0]),
        }  # fmt: skip
        runner.run(make_plan(Prompt.parse(graph), runner.registry, FOLDERS))
    assert heard == [({"name": "one"}, {"passed": True}), ({"name": "two"}, {"passed": True})]


def test_nodes_that_do_the_same_on_the_same_bytes_still_run_each() -> None:
    graph = {"1": _n("Constant", value=0), "2": _n("Half", a=["1", 0]), "3": _n("Half", a=["2", 0])}
    assert _run(_executor(), graph, "3")[1] == {"1", "2", "3"}


def test_what_is_made_again_did_not_change() -> None:
    runner = _executor(OutputCache(Memory(10**9), CacheSettings("none")))
    _run(runner, LINE, "5")
    result, ran = _run(runner, LINE, "5")
    assert ran == set("12345")
    assert {result.nodes[name].causes for name in ran} == {(Cause("dropped"),)}


# the disk


class Numbers:
    """A codec for tests: stores what JSON holds."""

    def encode(self, value: Any) -> bytes | None:
        try:
            return json.dumps(value).encode()
        except TypeError:
            return None

    def decode(self, data: bytes) -> Any:
        value = json.loads(data)
        return {**value, "outputs": tuple(map(tuple, value["outputs"]))}


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(disk_cache, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(disk_cache, "BYTES_PER_SECOND", 1e18)
    return tmp_path / "disk"


def _restarted(folder: Path) -> Executor[World]:
    memory = Memory(10**9, lambda _: Weight(1))
    return _executor(OutputCache(memory, CacheSettings(), DiskCache(folder, Numbers(), 10**6, "salt")))


def test_after_a_restart_what_is_on_the_disk_does_not_run(disk: Path) -> None:
    _run(_restarted(disk), LINE, "5")
    result, ran = _run(_restarted(disk), LINE, "5")
    assert ran == set()
    assert [result.nodes[name].source for name in "1235"] == ["disk"] * 4
    assert result.nodes["4"].status == "skipped", "it cannot be stored, and nobody needs it"
    assert result.outputs == {"5": (0,)}


def test_after_a_restart_early_cut_off_goes_on(disk: Path) -> None:
    line = {name: LINE[name] for name in "123"}
    _run(_restarted(disk), {**line, "1": _n("Volatile")}, "3", outside=4)
    assert _run(_restarted(disk), {**line, "1": _n("Volatile")}, "3", outside=4)[1] == {"1"}
    assert _run(_restarted(disk), {**line, "1": _n("Volatile")}, "3", outside=5)[1] == {"1", "2"}


def test_a_damaged_file_is_made_again(disk: Path) -> None:
    _run(_restarted(disk), LINE, "5")
    for path in disk.iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    result, ran = _run(_restarted(disk), LINE, "5")
    assert ran == set("12345")
    assert result.outputs == {"5": (0,)}
    assert _run(_restarted(disk), LINE, "5")[1] == set()


def test_output_nodes_and_what_they_show_are_not_stored(disk: Path) -> None:
    graph = {**LINE, "6": _n("Show", value=["5", 0])}
    _run(_restarted(disk), graph)
    result, ran = _run(_restarted(disk), graph)
    assert ran == {"6"}
    assert result.ui == {"6": {"text": ["0"]}}


def test_a_full_disk_is_a_notice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    runner, events = _restarted(tmp_path / "file"), list[Event]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk_cache, "LEAST_SECONDS", 0.0)
        patch.setattr(disk_cache, "BYTES_PER_SECOND", 1e18)
        runner.run(make_plan(Prompt.parse(LINE), runner.registry, FOLDERS, ["5"]), events.append)
    (notice,) = [event for event in events if isinstance(event, Notice)]
    assert notice.node_id == "1"
    assert notice.message.startswith("Results cannot be kept in")


# memory


def test_what_runs_need_is_held_and_let_go() -> None:
    memory = Memory(1000, lambda outputs: Weight(0, {id(outputs): 100_000}))
    runner, most = _executor(OutputCache(memory)), []

    def listen(event: Event) -> None:
        most.append(memory.used_bytes)

    runner.run(make_plan(Prompt.parse(LINE), runner.registry, FOLDERS, ["5"]), listen)
    assert max(most) == 100_000, "one at a time, for nothing fits the budget"
    assert memory.used_bytes == 0


def test_everything_is_let_go_when_a_run_fails() -> None:
    @node("Break", category="test")
    def breaking(a: Anything) -> Number:
        raise ValueError("broken")

    memory = Memory(1000, lambda outputs: Weight(0, {id(outputs): 100_000}))
    runner = Executor(Registry(*NODES, breaking), OutputCache(memory), World())
    graph = {**LINE, "6": _n("Break", a=["5", 0])}
    events: list[Event] = []
    with pytest.raises(Exception, match="broken"):
        runner.run(make_plan(Prompt.parse(graph), runner.registry, FOLDERS, ["6"]), events.append)
    assert memory.used_bytes == 0
    (explained,) = [event for event in events if isinstance(event, Explained)]
    assert events.index(explained) == len(events) - 2
    assert {name: record.status for name, record in explained.explanation.nodes.items()} == {
        **dict.fromkeys("12345", "ran"), "6": "skipped",
    }  # fmt: skip


def test_evictions_are_told() -> None:
    memory = Memory(250, lambda outputs: Weight(100))
    runner = _executor(OutputCache(memory))
    result, _ = _run(runner, LINE, "5")
    labels = [eviction.label for eviction in result.explanation.evicted]
    assert len(labels) == 3
    assert set(labels) < {f"node {name} ({entry['class_type']})" for name, entry in LINE.items()}
    assert result.explanation.kept_bytes == 200
    again, ran = _run(runner, {**LINE, "5": _n("Half", a=["3", 0], salt=1)}, "5")
    assert ran
    assert all(cause.kind in ("dropped", "constant", "rewired") for name in ran for cause in again.nodes[name].causes)


# properties


VALUES = {"Constant": (0, 5)}


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Draw a graph in which no two nodes are equal."""
    graph: Graph = {}
    for index in range(draw(st.integers(2, 14))):
        kinds = ["Constant", "Volatile", *(["Half", "Sum", "Wrap", "Half", "Sum"] if index else [])]
        kind = draw(st.sampled_from(kinds))
        wires = {"Half": "a", "Wrap": "a", "Sum": "ab"}.get(kind, "")
        inputs: dict[str, Any] = {name: [str(draw(st.integers(0, index - 1))), 0] for name in wires}
        if kind == "Constant":
            inputs["value"] = draw(st.integers(0, 5))
        graph[str(index)] = _n(kind, **inputs, salt=index)
    return graph


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[Graph, int]]:
    """Draw a graph as it changes from run to run, and what is outside at each run."""
    graph = draw(graphs())
    runs = [(graph, draw(st.integers(0, 5)))]
    for _ in range(draw(st.integers(1, 4))):
        graph = json.loads(json.dumps(graph))
        for name in draw(st.lists(st.sampled_from(sorted(graph)), max_size=2)):
            inputs = graph[name]["inputs"]
            wires = sorted(input_name for input_name, value in inputs.items() if isinstance(value, list))
            if wires and int(name) and draw(st.booleans()):
                inputs[draw(st.sampled_from(wires))] = [str(draw(st.integers(0, int(name) - 1))), 0]
            elif "value" in inputs:
                inputs["value"] = draw(st.integers(0, 5))
        runs.append((graph, draw(st.integers(0, 5))))
    return runs


def _worth(graph: Graph, outside: int) -> dict[str, int]:
    """Return what every node is worth, worked out without the engine."""
    worth: dict[str, int] = {}
    for name, entry in graph.items():
        arrived = [worth[value[0]] for value in entry["inputs"].values() if isinstance(value, list)]
        match entry["class_type"]:
            case "Constant":
                worth[name] = entry["inputs"]["value"]
            case "Volatile":
                worth[name] = outside
            case "Half":
                worth[name] = arrived[0] // 2
            case _:
                worth[name] = sum(arrived)
    return worth


def _numbers(result: RunResult) -> dict[str, int]:
    return {name: _number(value) for name, (value,) in result.outputs.items()}


@settings(deadline=None, max_examples=150)
@given(
    histories(), st.sampled_from(["budget", "classic", "lru", "none"]), st.sampled_from([0, 300, 10**9]), st.booleans()
)
def test_no_result_is_ever_stale(runs: list[tuple[Graph, int]], mode: Any, budget: int, with_disk: bool) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk_cache, "LEAST_SECONDS", 0.0)
        patch.setattr(disk_cache, "BYTES_PER_SECOND", 1e18)
        store = DiskCache(Path(folder), Numbers(), 2000, "") if with_disk else None
        memory = Memory(budget, lambda outputs: Weight(100))
        runner = _executor(OutputCache(memory, CacheSettings(mode, 5), store))
        for graph, outside in runs:
            result, _ = _run(runner, graph, *graph, outside=outside)
            assert _numbers(result) == _worth(graph, outside)
            assert mode == "lru" or memory.used_bytes <= budget


def _changed(before: tuple[Graph, int], now: tuple[Graph, int]) -> tuple[set[str], set[str]]:
    """Return the nodes with a change upstream, and those whose own constants or arriving bytes changed.

    A value that cannot be hashed counts as changed where its maker had to run.
    """
    (old, was), (graph, outside) = before, now
    worth, other = _worth(old, was), _worth(graph, outside)
    upstream: set[str] = set()
    run: set[str] = set()
    for name, entry in graph.items():
        wires = {key: value[0] for key, value in entry["inputs"].items() if isinstance(value, list)}
        old_wires = {key: value[0] for key, value in old[name]["inputs"].items() if isinstance(value, list)}
        volatile = entry["class_type"] == "Volatile"
        if volatile or entry != old[name] or upstream & set(wires.values()):
            upstream.add(name)
        same = all(
            wires[key] == old_wires[key] and wires[key] not in run
            if "Wrap" in (graph[wires[key]]["class_type"], old[old_wires[key]]["class_type"])
            else other[wires[key]] == worth[old_wires[key]]
            for key in wires
        )
        constants_changed = entry["inputs"].get("value") != old[name]["inputs"].get("value")
        if volatile or constants_changed or not same:
            run.add(name)
    return upstream, run


@settings(deadline=None, max_examples=200)
@given(histories())
def test_a_node_runs_again_exactly_if_its_inputs_changed(runs: list[tuple[Graph, int]]) -> None:
    before, now = runs[0], runs[1]
    runner = _executor()
    _run(runner, before[0], *before[0], outside=before[1])
    result, ran = _run(runner, now[0], *now[0], outside=now[1])
    upstream, expected = _changed(before, now)
    assert ran == expected
    assert ran <= upstream
    for name in ran:
        assert result.nodes[name].causes
        assert {cause.kind for cause in result.nodes[name].causes} <= {"constant", "rewired", "upstream", "always"}
    for name in set(now[0]) - upstream:
        assert (result.nodes[name].status, result.nodes[name].causes) == ("reused", ())
    for name in upstream - ran:
        assert result.nodes[name].causes == (Cause("same_bytes"),)


def test_reused_nodes_are_told_as_cached() -> None:
    runner, events = _executor(), list[Event]()
    _run(runner, LINE, "5")
    plan = make_plan(Prompt.parse({**LINE, "1": _n("Constant", value=5)}), runner.registry, FOLDERS, ["5"])
    runner.run(plan, events.append)
    assert [event.node_ids for event in events if isinstance(event, Cached)] == [(), ("3",), ("4",), ("5",)]
