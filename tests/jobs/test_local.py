"""The contract of a backend, shown by the one in this process: results, cancelling, nodes that do not listen."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

import ldm_nodes.jobs.local as local_module
from ldm_nodes.engine.errors import InputError
from ldm_nodes.engine.events import (
    Estimate,
    Event,
    Executing,
    Failed,
    Interrupted,
    Notice,
    Progress,
    Started,
    Succeeded,
)
from ldm_nodes.engine.spec import node
from ldm_nodes.jobs.backend import Backend
from ldm_nodes.jobs.costs import Costs
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.local import LocalBackend
from ldm_nodes.jobs.result import JobResult
from ldm_nodes.jobs.state import State
from ldm_nodes.settings import Folders

from .pack import Bench, Number, backend, executor_of, graph_of, job, wait_for


class Running:
    """A job on a thread of its own."""

    def __init__(self, runner: Backend, job: Job) -> None:
        self.events: list[Event] = []
        self.result: JobResult | None = None
        self._thread = threading.Thread(target=self._run, args=(runner, job))
        self._thread.start()

    def _run(self, runner: Backend, job: Job) -> None:
        self.result = runner.run(job, self.events.append)

    def wait(self) -> JobResult:
        self._thread.join(20)
        assert self.result is not None
        return self.result


def test_a_job_that_succeeds() -> None:
    runner, events = backend(Bench()), list[Event]()
    result = runner.run(job(number=4, id="a"), events.append)
    assert (result.state, result.outputs, result.reason) == (State.DONE, {"9": {"text": ["4"]}}, "")
    assert isinstance(events[0], Started)
    assert events[-1] == Succeeded("a")
    assert {event.run_id for event in events} == {"a"}
    runner.close()


def test_a_job_that_fails_names_the_node() -> None:
    runner, events = backend(Bench()), list[Event]()
    result = runner.run(job("Broken", id="a"), events.append)
    assert (result.state, result.reason) == (State.FAILED, 'node 2 "The middle" (Broken): cannot divide 1.')
    assert isinstance(events[-1], Failed)
    runner.close()


@pytest.mark.parametrize("prompt", ["", "[]", "{}", '{"1": {"class_type": "Nowhere"}}', '{"1": {"inputs": {}}}'])
def test_a_graph_that_cannot_run_is_a_failure(prompt: str) -> None:
    runner, events = backend(Bench()), list[Event]()
    result = runner.run(Job(prompt, id="a"), events.append)
    assert result.state is State.FAILED
    assert result.reason
    assert [type(event) for event in events] == [Started, Failed]
    runner.close()


def test_a_node_that_ends_its_thread_fails_and_the_next_job_runs() -> None:
    runner, events = backend(Bench()), list[Event]()
    result = runner.run(job("Exits", id="a"), events.append)
    assert result.state is State.FAILED
    assert result.reason == 'node 2 "The middle" (Exits): The run broke off: SystemExit: a node that ends the program.'
    assert isinstance(events[-1], Failed)
    assert runner.run(job(), events.append).state is State.DONE
    runner.close()


def test_an_executor_that_cannot_be_made_fails_the_job() -> None:
    def make() -> None:
        raise OSError("no such device")

    runner, events = LocalBackend(make, Folders.under(Path("nowhere"))), list[Event]()  # type: ignore[arg-type,var-annotated]
    result = runner.run(job(id="a"), events.append)
    assert result.reason == "The run broke off: OSError: no such device."
    assert [type(event) for event in events] == [Failed]
    runner.close()


def test_what_was_made_is_used_again_by_the_next_job() -> None:
    bench = Bench()
    runner = backend(bench)
    for name in "ab":
        assert runner.run(job(id=name), lambda _: None).outputs == {"9": {"text": ["1"]}}
    assert bench.ran == ["a:1"]
    runner.close()


def test_a_running_job_is_cancelled() -> None:
    bench = Bench()
    runner = backend(bench)
    running = Running(runner, job("Held", id="a"))
    assert bench.held.wait(5)
    runner.cancel("a")
    assert running.wait().state is State.CANCELLED
    assert running.events[-1] == Interrupted("a", "2")
    runner.close()


def test_a_wish_that_comes_before_the_job_counts() -> None:
    runner, events = backend(Bench()), list[Event]()
    runner.cancel("a")
    assert runner.run(job("Held", id="a"), events.append).state is State.CANCELLED
    assert isinstance(events[-1], Interrupted)
    runner.close()


def test_a_wish_is_forgotten_with_its_job_whose_id_may_come_again() -> None:
    bench = Bench()
    runner = backend(bench)
    running = Running(runner, job("Held", id="a"))
    assert bench.held.wait(5)
    runner.cancel("a")
    assert running.wait().state is State.CANCELLED
    assert runner.run(job(id="a"), lambda _: None).state is State.DONE
    runner.close()


def test_a_wish_about_another_job_means_nothing() -> None:
    bench = Bench()
    runner = backend(bench)
    runner.cancel("b")
    running = Running(runner, job("Held", id="a"))
    assert bench.held.wait(5)
    runner.cancel("b")
    runner.cancel("c")
    bench.gate.set()
    assert running.wait().state is State.DONE
    runner.cancel("a")
    assert runner.run(job(id="d"), lambda _: None).state is State.DONE
    runner.close()


def test_a_node_that_does_not_listen_is_left_behind_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    runner = backend(bench, grace=0.1)
    running = Running(runner, job("Deaf", id="a"))
    assert bench.held.wait(5)
    runner.cancel("a")
    assert running.wait().state is State.CANCELLED
    notice = running.events[-2]
    assert isinstance(notice, Notice)
    assert notice.message.startswith('node 2 "The middle" (Deaf) did not stop within 0.1 s.')
    assert running.events[-1] == Interrupted("a", "2", unresponsive=True)
    assert notice.message in caplog.text
    told = len(running.events)
    bench.gate.set()
    after: list[Event] = []
    assert runner.run(job("Held", id="b"), after.append).state is State.DONE
    assert {event.run_id for event in after} == {"b"}
    assert len(running.events) == told, "a run that was left behind tells nothing more"
    runner.close()


def test_a_left_behind_loop_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_module, "LAST_PATIENCE", 0.05)
    bench = Bench()
    before = set(threading.enumerate())
    runner = backend(bench, grace=0.05)
    running = Running(runner, job("Deaf", id="a"))
    assert bench.held.wait(5)
    runner.cancel("a")
    running.wait()
    runner.close()
    wait_for(lambda: not set(threading.enumerate()) - before, "the end of the threads")


def test_a_node_of_long_steps_is_given_their_time() -> None:
    runner = backend(Bench(), grace=0.02)
    running = Running(runner, job("Steps", id="a", inputs={"count": 100, "seconds": 0.2}))
    wait_for(lambda: sum(isinstance(event, Progress) for event in running.events) >= 2, "two steps")
    runner.cancel("a")
    assert running.wait().state is State.CANCELLED
    assert running.events[-1] == Interrupted("a", "2", unresponsive=False)
    runner.close()


def test_a_node_that_takes_its_time_while_nobody_asks_is_not_left_behind() -> None:
    runner = backend(Bench(), grace=0.0)
    events: list[Event] = []
    assert runner.run(job("Steps", inputs={"count": 5, "seconds": 0.02}), events.append).state is State.DONE
    assert [event.value for event in events if isinstance(event, Progress)] == [1, 2, 3, 4, 5]
    runner.close()


def test_things_are_done_with_the_executor_between_jobs() -> None:
    bench = Bench()
    runner = backend(bench)
    running = Running(runner, job("Held", id="a"))
    assert bench.held.wait(5)
    done = runner.between(lambda executor: executor.cache.memory.clear())
    assert not done.done()
    bench.gate.set()
    running.wait()
    done.result(5)
    runner.run(job(id="b"), lambda _: None)
    assert bench.ran == ["a:1", "b:1"], "what was cleared is made anew"
    runner.close()


def test_events_come_from_one_thread_at_a_time_and_name_the_node_at_work() -> None:
    runner, events = backend(Bench()), list[Event]()
    runner.run(job("Steps", id="a", inputs={"count": 2, "seconds": 0.0}), events.append)
    assert [event.node_id for event in events if isinstance(event, Executing)] == ["1", "2", "9"]
    runner.close()


def _never(value: object) -> None:
    raise InputError("value", received="this", expected="that")


@node("Pairing", category="test", foresee=_never)
def pairing(value: Number) -> Number:
    return value


@pytest.mark.parametrize("foreseen", [False, True])
def test_a_graph_that_nobody_looked_ahead_at_is_looked_at_before_it_runs(foreseen: bool) -> None:
    bench, events = Bench(), list[Event]()
    runner = LocalBackend(executor_of(bench, pairing), Folders.under(Path("nowhere")))
    result = runner.run(job("Pairing", id="a", foreseen=foreseen), events.append)
    assert result.state is (State.DONE if foreseen else State.FAILED)
    assert bench.ran == (["a:1"] if foreseen else []), "nothing ran of what could not work"
    if not foreseen:
        assert [type(event) for event in events] == [Started, Failed]
        assert result.reason.startswith('node 2 "The middle" (Pairing), input "value": ')
    runner.close()


def test_what_of_a_graph_can_run_runs_and_the_rest_is_told() -> None:
    graph = graph_of("Pairing") | {"10": {"class_type": "Show", "inputs": {"value": ["1", 0]}}}
    events: list[Event] = []
    runner = LocalBackend(executor_of(Bench(), pairing), Folders.under(Path("nowhere")))
    result = runner.run(Job(json.dumps(graph), id="a"), events.append)
    assert (result.state, list(result.outputs)) == (State.DONE, ["10"])
    assert isinstance(events[0], Started)
    notice = next(event for event in events if isinstance(event, Notice))
    assert notice.node_id == "2"
    assert notice.message.startswith('node 2 "The middle" (Pairing), input "value": ')
    assert notice.message.endswith("Nothing that needs it runs.")
    runner.close()


def test_a_run_tells_how_long_it_will_take() -> None:
    costs, events = Costs(), list[Event]()
    runner = LocalBackend(executor_of(Bench()), Folders.under(Path("nowhere")), costs=costs)
    for number in (1, 2):
        runner.run(job("Steps", number=number, id=str(number), inputs={"count": 2, "seconds": 0.02}), events.append)
    first = {
        run: next(event for event in events if isinstance(event, Estimate) and event.run_id == run) for run in "12"
    }
    assert (first["1"].seconds_low, first["1"].seconds_high) == (0.0, None), "nobody knew"
    assert first["2"].seconds_high is not None
    assert 0.0 < first["2"].seconds_low <= first["2"].seconds_left <= first["2"].seconds_high
    assert isinstance(events[-1], Succeeded)
    runner.close()
