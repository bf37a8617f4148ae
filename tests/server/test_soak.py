"""Eight clients who queue, cancel, send nonsense and vanish: nothing is lost, nothing stays behind, all agree.

`python -m tests.benchmarks.soak` does the same with 2,000 jobs and the program itself.
"""

from __future__ import annotations

import asyncio
import gc
from collections import Counter

import pytest

from ldm_nodes.jobs.state import State
from ldm_nodes.server.client import Client
from ldm_nodes.server.wire import Narrator
from tests.jobs.pack import graph_of, wait_for

from .crowd import Work, crowd, one_view
from .house import House

WORK = Work(
    good=lambda number: graph_of(number=number),
    long=lambda number: graph_of("Steps", number, count=2000, seconds=0.001),
    broken=lambda number: graph_of("Broken", number),
    bad=graph_of("Steps", count="many", seconds=-1),
)
CLIENTS, JOBS = 8, 240


@pytest.mark.slow
def test_eight_clients_and_all_that_goes_wrong(house: House) -> None:
    visitors = asyncio.run(crowd(f"http://{house.host}", WORK, CLIENTS, JOBS, seed=7))
    view = one_view(visitors)
    records = {record.id: record for record in house.desk.store.page(limit=1000)}
    assert len(records) >= JOBS
    assert view == {job_id: record.state.value for job_id, record in records.items()}
    assert [visitor.remaining for visitor in visitors] == [0] * CLIENTS
    assert sum(visitor.refused for visitor in visitors)
    assert sum(visitor.lost for visitor in visitors)
    assert {State.DONE, State.FAILED, State.CANCELLED} == {record.state for record in records.values()}

    ran = [record for record in records.values() if record.attempts]
    assert all(record.attempts == 1 for record in ran)
    history = house.get("/history").json
    assert set(history) == {record.id for record in ran}
    completed = Counter(entry["status"]["completed"] for entry in history.values())
    assert completed[True] == sum(state == "done" for state in view.values())
    for job_id, entry in history.items():
        number = entry["prompt"][2]["1"]["inputs"]["number"]
        assert not entry["status"]["completed"] or entry["outputs"]["9"] == {"text": [str(number)]}, job_id

    wait_for(lambda: not house.site.hub.clients, "the end of the sockets")
    assert house.get("/prompt").json == {"exec_info": {"queue_remaining": 0}}
    assert all(house.desk.live.snapshot(job_id) is None for job_id in view)
    gc.collect()
    alive = gc.get_objects()
    left = [one.job.id for one in alive if type(one) is Narrator and one.job.id in records]
    left += [one.sid for one in alive if type(one) is Client and one.sid.startswith("visitor")]
    assert not left, "nothing of jobs and sockets that are no more stays in memory"
