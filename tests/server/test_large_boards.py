"""How far the nodes of a large run are is told now and then: every telling has all of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ldm_nodes.engine.events import Event, Executed, Executing, Started, Succeeded
from ldm_nodes.jobs.job import Job
from ldm_nodes.server.wire import SECONDS_PER_NODE, SMALL_BOARD, Message, Narrator


def _run(nodes: int) -> Iterator[Event]:
    yield Started("job", ())
    for number in range(nodes):
        yield Executing("job", str(number), "Value", "")
        yield Executed("job", str(number), None, 0.0, reused=False)
    yield Succeeded("job")


def _told(nodes: int, seconds: float) -> list[Message]:
    """Return what is told of a run in which every event takes `seconds`."""
    narrator = Narrator(Job("{}", id="job"))
    frames = [frame for at, event in enumerate(_run(nodes)) for frame in narrator.encode(event, at * seconds)]
    return [frame for frame in frames if isinstance(frame, Message)]


def _states(told: list[Message]) -> list[int]:
    return [len(_nodes(message)) for message in told if message.type == "progress_state"]


def _nodes(message: Message) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(message.text())["data"]["nodes"]
    return found


def test_a_small_run_is_told_at_every_change() -> None:
    assert len(_states(_told(SMALL_BOARD, 0.0))) == 2 * SMALL_BOARD


def test_a_large_run_is_told_now_and_then_and_at_its_end() -> None:
    told = _told(3000, 0.001)
    states = _states(told)
    assert len(states) < 2 * SMALL_BOARD + 60
    assert sum(states) < 10 * 3000 + 2 * SMALL_BOARD**2
    assert states[-1] == 3000
    *_, state, success = told
    assert (state.type, success.type) == ("progress_state", "execution_success")
    assert {node["state"] for node in _nodes(state).values()} == {"finished"}
    assert sum(message.type == "executing" for message in told) == 3000


def test_a_large_run_whose_nodes_take_their_time_is_told_at_every_change() -> None:
    assert len(_states(_told(300, 301 * SECONDS_PER_NODE))) == 600
