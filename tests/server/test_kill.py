"""`kill -9` in mid-sampling, over HTTP: what waited waits, what ran runs once more, what was done stays done."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from .program import PATIENCE, Program, running

GRAPH = json.loads((Path(__file__).parents[2] / "graphs" / "txt2img.json").read_text())
LONG, SHORT = 300, 1


def _graph(name: str, steps: int) -> dict[str, Any]:
    graph: dict[str, Any] = json.loads(json.dumps(GRAPH))
    graph["3"]["inputs"] |= {"steps": steps, "sampler_name": "ddim", "seed": len(name)}
    graph["5"]["inputs"] |= {"width": 64, "height": 64}
    graph["9"]["inputs"]["filename_prefix"] = name
    return graph


def _in_mid_sampling(program: Program, job_id: str) -> bool:
    live = program.job(job_id)["live"] or {}
    done, total = live.get("progress", {}).get("3", (0, LONG))
    return bool(0 < done < total)


def _wait_for_sampling(program: Program, job_id: str) -> None:
    end = time.monotonic() + PATIENCE
    while not _in_mid_sampling(program, job_id):
        assert time.monotonic() < end, program.told
        time.sleep(0.01)


@pytest.mark.slow
def test_ten_jobs_and_a_kill_in_mid_sampling(tmp_path: Path) -> None:
    base = tmp_path / "base"
    with running(base) as program:
        before = program.queue(_graph("before", SHORT))
        program.finish(before)
        history = program.get("/history")
        jobs = [program.queue(_graph(f"job{number}", SHORT if number else LONG)) for number in range(10)]
        _wait_for_sampling(program, jobs[0])
        program.kill()

    with running(base, "--start", "paused") as program:
        assert [item[1] for item in program.get("/queue")["queue_pending"]] == jobs, "9 queued, 1 requeued, in order"
        assert program.get("/queue")["queue_running"] == []
        assert [program.job(job)["attempts"] for job in jobs] == [1] + [0] * 9
        assert "runs again" in program.job(jobs[0])["reason"]
        assert program.get("/history") == history, "what was done before the kill is told as it was"
        assert program.ask("POST", "/jobs/resume", {})[0] == 200
        ended = program.finish(*jobs)
        assert program.stop() == 0

    assert [job["state"] for job in ended] == ["done"] * 10
    assert [job["attempts"] for job in ended] == [2] + [1] * 9
    with running(base) as program:
        after = program.get("/history")
        assert list(after) == [before, *jobs], "each once, in the order in which they ended"
        assert after[before] == history[before]
        assert all(entry["status"]["completed"] for entry in after.values())
        assert program.get("/prompt") == {"exec_info": {"queue_remaining": 0}}
    pictures = Counter(path.name.split("_")[0] for path in (base / "output").glob("*.png"))
    assert pictures == Counter(["before", *(f"job{number}" for number in range(10))]), "one picture of each job"
