"""How far a run is: what is known beforehand, what its nodes tell, and what is left out because it is reused."""

from __future__ import annotations

from typing import Annotated

import pytest

from ldm_nodes.engine.cost_model import CostModel, Work
from ldm_nodes.engine.estimate import PAUSE, Estimator
from ldm_nodes.engine.events import Cached, Estimate, Event, Executed, Executing, Progress, Started, Succeeded
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Choice, Int
from ldm_nodes.engine.spec import node
from ldm_nodes.engine.workload import workloads

from .pack import Graph, Number, plan_of, registry


@node("Load", category="test")
def load(name: Annotated[str, Choice(("a", "b"))]) -> Number: ...


@node("Empty", category="test")
def empty(width: Annotated[int, Int(min=1)], batch_size: Annotated[int, Int(min=1)] = 1) -> Number: ...


@node("Sample", category="test")
def sample(model: Number, latent: Number, steps: Annotated[int, Int(min=1)] = 10) -> Number: ...


@node("Decode", category="test")
def decode(latent: Number) -> Number: ...


NODES = (load, empty, sample, decode)
GRAPH: Graph = {
    "1": {"class_type": "Load", "inputs": {"name": "a"}},
    "2": {"class_type": "Empty", "inputs": {"width": 64, "batch_size": 2}},
    "3": {"class_type": "Sample", "inputs": {"model": ["1", 0], "latent": ["2", 0], "steps": 10}},
    "4": {"class_type": "Decode", "inputs": {"latent": ["3", 0]}},
}


def _catalogue() -> Registry:
    catalogue = registry()
    catalogue.register(*NODES)
    return catalogue


def test_sizes_and_choices_follow_the_wires_and_steps_do_not() -> None:
    chosen = frozenset({("name", "a")})
    assert workloads(plan_of(GRAPH, *NODES, targets=["4"]), _catalogue()) == {
        "1": Work("Load", chosen, 1.0),
        "2": Work("Empty", frozenset(), 128.0),
        "3": Work("Sample", chosen, 128.0, 10.0),
        "4": Work("Decode", chosen, 128.0),
    }


class Run:
    """A run that is told by hand, and its clock."""

    def __init__(self, targets: str = "4") -> None:
        self.now = 0.0
        self.costs = CostModel()
        plan = plan_of(GRAPH, *NODES, targets=[targets])
        for work, seconds in zip(workloads(plan, _catalogue()).values(), (2.0, 0.0, 10.0, 4.0), strict=False):
            self.costs.learn(work, seconds)
        self.heard: list[Event] = []
        self.estimator = Estimator(plan, _catalogue(), self.costs, self.heard.append, lambda: self.now)

    def tell(self, event: Event, after: float = PAUSE) -> Estimate | None:
        self.now += after
        self.estimator(event)
        last = self.heard[-1]
        assert event in self.heard[-2:]
        return last if isinstance(last, Estimate) else None


def _left(estimate: Estimate | None) -> float:
    assert estimate is not None
    return estimate.seconds_left


def test_a_run_goes_as_its_nodes_went_before() -> None:
    run = Run()
    assert run.tell(Started("r", ("1", "2", "3", "4"))) is None, "not before it is known what is reused"
    told = run.tell(Cached("r", ()), 0.0)
    assert told == Estimate("r", 0.0, 16.0, 8.0, 24.0), "each ran once: half of it either way"
    run.tell(Executing("r", "1", "Load", ""))
    assert _left(run.tell(Executed("r", "1", None, 2.0, False), 2.0)) == 14.0
    run.tell(Executing("r", "3", "Sample", ""))
    estimate = run.tell(Progress("r", "3", 5, 10), 5.0)
    assert estimate is not None
    assert (estimate.fraction, estimate.seconds_left) == pytest.approx((7 / 16, 9.0))


def test_a_node_that_tells_its_pace_is_believed() -> None:
    run = Run()
    for event in (Started("r", ("1", "2", "3", "4")), Cached("r", ("1", "2")), Executing("r", "3", "Sample", "")):
        run.tell(event)
    assert _left(run.tell(Progress("r", "3", 1, 10), 3.0)) == pytest.approx(27.0 + 4.0)


def test_the_further_a_node_is_the_surer_the_end() -> None:
    run = Run()
    for event in (Started("r", ("1", "2", "3", "4")), Cached("r", ("1", "2")), Executing("r", "3", "Sample", "")):
        run.tell(event)
    widths = []
    for step in (2, 5, 9):
        estimate = run.tell(Progress("r", "3", step, 10), 1.0)
        assert estimate is not None
        assert estimate.seconds_high is not None
        assert estimate.seconds_low < estimate.seconds_left < estimate.seconds_high
        widths.append(estimate.seconds_high - estimate.seconds_low)
    assert widths == sorted(widths, reverse=True)


def test_beside_work_that_nobody_knows_there_is_no_upper_bound() -> None:
    run = Run()
    run.costs.lines.clear()
    run.tell(Started("r", ("1", "2", "3", "4")))
    told = run.tell(Cached("r", ()))
    assert told is not None
    assert (told.seconds_low, told.seconds_high) == (0.0, None)


def test_what_is_reused_and_what_it_hides_is_no_work() -> None:
    run = Run()
    run.tell(Started("r", ("1", "2", "3", "4")))
    assert _left(run.tell(Cached("r", ("3",)))) == 4.0
    assert _left(run.tell(Cached("r", ("4",)))) == 0.0


def test_it_ends_at_one_and_never_goes_back() -> None:
    run = Run()
    events: list[Event] = [Started("r", ("1", "2", "3", "4")), Cached("r", ())]
    for node_id, seconds in (("1", 9.0), ("2", 0.0), ("3", 1.0), ("4", 30.0)):
        events += [Executing("r", node_id, "", ""), Executed("r", node_id, None, seconds, False)]
    for event in [*events, Succeeded("r")]:
        run.tell(event, 1.0)
    fractions = [event.fraction for event in run.heard if isinstance(event, Estimate)]
    assert fractions == sorted(fractions)
    assert run.heard[-2:] == [Estimate("r", 1.0, 0.0, 0.0, 0.0), Succeeded("r")], "nothing after the end"
    assert [event for event in run.heard if not isinstance(event, Estimate)] == [*events, Succeeded("r")]


def test_what_nodes_took_is_learned() -> None:
    run = Run()
    before = run.costs.predict(Work("Decode", frozenset({("name", "a")}), 128.0))
    for _ in range(3):
        run.tell(Executed("r", "4", None, 40.0, False))
        run.tell(Executed("r", "4", None, 0.0, True))
    assert (before, run.costs.predict(Work("Decode", frozenset({("name", "a")}), 128.0))) == (4.0, 40.0)


def test_estimates_are_not_told_more_often_than_anyone_can_read() -> None:
    run = Run()
    run.tell(Started("r", ("1", "2", "3", "4")))
    run.tell(Cached("r", ()), 0.0)
    assert run.tell(Executing("r", "3", "", ""), 0.01) is None
    assert sum(run.tell(Progress("r", "3", step, 1000), 0.001) is not None for step in range(1000)) <= 1.0 / PAUSE + 1


def test_a_node_that_nobody_foresaw_disturbs_nothing() -> None:
    run = Run()
    for event in (Started("r", ("1",)), Executing("r", "inside", "X", ""), Executed("r", "inside", None, 1.0, False)):
        run.tell(event)
    assert run.heard
