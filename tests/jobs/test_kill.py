"""`kill -9` at random moments: what waited waits, what ran runs once more, what was done stays done."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.state import State

from .pack import ids, wait_for

NAMES = [f"job{number}" for number in range(10)]


def _job(name: str, class_type: str = "Sample") -> Job:
    return Job(json.dumps({"1": {"class_type": class_type, "inputs": {"name": name}}}), id=name)


def _put(path: Path, *jobs: Job) -> None:
    desk = JobDesk.open(path)
    desk.store.put(*jobs)
    desk.close()


class Victim:
    """The process, and what it has written."""

    def __init__(self, path: Path, pause: float) -> None:
        self.journal = path.with_name("journal")
        self.before = len(self.lines())
        command = [sys.executable, "-m", "tests.jobs.victim", str(path), str(self.journal), str(pause)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def lines(self) -> list[str]:
        return self.journal.read_text().splitlines() if self.journal.exists() else []

    def wait_for_lines(self, count: int) -> None:
        wait_for(lambda: len(self.lines()) >= self.before + count, "the start of the process")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def finish(self) -> None:
        _, complaints = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, complaints


def _check_the_end(desk: JobDesk, journal: list[str], names: list[str]) -> None:
    """All these jobs are done, and none was started more often than the process was killed under it, and once."""
    records = [desk.store.get(name) for name in names]
    assert {record.state for record in records} == {State.DONE}
    assert set(names) <= set(desk.history.entries())
    started = Counter(line.removeprefix("start ") for line in journal if line.startswith("start "))
    for record in records:
        assert record.attempts == record.deaths + 1
        assert 1 <= started[record.id] <= record.attempts
        messages = desk.history.get(record.id)[record.id]["status"]["messages"]
        assert [name for name, _ in messages] == ["execution_start", "execution_cached", "execution_success"]


def test_ten_jobs_and_a_kill_in_the_midst_of_sampling(path: Path) -> None:
    _put(path, *map(_job, NAMES))
    victim = Victim(path, pause=0.5)
    victim.wait_for_lines(2)
    time.sleep(0.05)
    victim.kill()
    desk = JobDesk.open(path)
    assert ids(desk.recovery.requeued) == ["job0"]
    assert ids(desk.store.waiting()) == NAMES, "9 queued, 1 requeued, at its old place"
    assert [desk.store.get(name).deaths for name in NAMES] == [1] + [0] * 9
    assert desk.history.entries() == {}
    desk.close()
    victim = Victim(path, pause=0.0)
    victim.finish()
    desk = JobDesk.open(path)
    _check_the_end(desk, victim.lines(), NAMES)
    assert [desk.store.get(name).outputs for name in NAMES] == [{"1": {"text": [name]}} for name in NAMES]
    assert [line for line in victim.lines() if line.startswith("end ")] == [f"end {name}" for name in NAMES]
    assert list(desk.history.entries()) == NAMES
    desk.close()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_kills_at_random_moments_lose_nothing(path: Path, seed: int) -> None:
    """Every process is killed; whatever it had brought to an end is not run again by the next."""
    dice = random.Random(seed)
    _put(path, *map(_job, NAMES))
    done: set[str] = set()
    for _ in range(3):
        victim = Victim(path, pause=0.002)
        victim.wait_for_lines(1)
        time.sleep(dice.uniform(0, 0.12))
        victim.kill()
        desk = JobDesk.open(path)
        assert ids(desk.recovery.requeued) == ids(desk.store.waiting())[: len(desk.recovery.requeued)]
        assert len(desk.recovery.requeued) + len(desk.recovery.parked) <= 1
        run_now = {line.removeprefix("start ") for line in victim.lines()[victim.before :] if line.startswith("start ")}
        assert not run_now & done, "a job that was done ran again"
        done = {record.id for record in desk.store.page() if record.state is State.DONE}
        assert set(desk.history.entries()) == {record.id for record in desk.store.page() if record.state.finished}
        for parked in desk.recovery.parked:
            desk.queue.retry(parked.id)
        desk.close()
    victim = Victim(path, pause=0.0)
    victim.finish()
    desk = JobDesk.open(path)
    records = [desk.store.get(brief.id) for brief in desk.store.page()]
    ended = [record for record in records if record.state is State.DONE]
    assert {record.state for record in records} <= {State.DONE, State.PARKED}
    assert sorted(record.outputs["1"]["text"][0] for record in ended) == NAMES, "each name once, as itself or retried"
    _check_the_end(desk, victim.lines(), ids(ended))
    desk.close()


def test_a_job_that_kills_the_process_is_parked_and_the_others_run(path: Path) -> None:
    _put(path, _job("before"), _job("killer", "Kill"), _job("after"))
    for _ in range(2):
        victim = Victim(path, pause=0.0)
        victim.process.communicate(timeout=60)
        assert victim.process.returncode == 9
    victim = Victim(path, pause=0.0)
    victim.finish()
    desk = JobDesk.open(path)
    killer = desk.store.get("killer")
    assert (killer.state, killer.attempts, killer.deaths) == (State.PARKED, 2, 2)
    assert killer.reason.startswith("node 1 (Kill): The process ended 2 times while this job ran")
    _check_the_end(desk, victim.lines(), ["before", "after"])
    assert [line for line in victim.lines() if line != "process"] == [
        "start before",
        "end before",
        "start killer",
        "start killer",
        "start after",
        "end after",
    ]
    desk.close()
