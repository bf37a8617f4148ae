"""Jobs of several users on one worker: each with his folders and his runtime, and none learns of another's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from ldm_nodes.engine.cache import OutputCache
from ldm_nodes.engine.context import Context
from ldm_nodes.engine.events import Cached, Event, Explained
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.memory import Memory
from ldm_nodes.engine.registry import Registry
from ldm_nodes.engine.sockets import Choice, String
from ldm_nodes.engine.spec import NodeOutput, node
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.local import LocalBackend
from ldm_nodes.settings import Folders


@node("Said", category="test", output=True)
def said(
    text: Annotated[str, String()],
    file: Annotated[str, Choice(lambda folders: folders.names("input"))],
    *,
    context: Context[str],
) -> NodeOutput[None]:
    return NodeOutput(None, {"text": [context.runtime, text, file]})


def _job(owner: str, text: str = "hello", file: str = "a.png") -> Job:
    graph = {"1": {"class_type": "Said", "inputs": {"text": text, "file": file}}}
    return Job(json.dumps(graph), owner=owner)


def _backend(base: Path) -> LocalBackend[str]:
    folders = replace(Folders.under(base), bundled=base / "nothing")
    for owner in ("anna", "bert"):
        mine = folders.of_user(owner).input
        mine.mkdir(parents=True)
        (mine / f"{owner}.png").touch()
        (mine / "a.png").touch()
    return LocalBackend(
        lambda: Executor(Registry(said), OutputCache(Memory(1000)), "everyone's"),
        folders,
        fitted=lambda runtime, job: f"{job.owner}'s" if job.owner else runtime,
    )


def _run(backend: LocalBackend[str], job: Job) -> tuple[Any, list[Event]]:
    events: list[Event] = []
    result = backend.run(job, events.append)
    return result.outputs["1"]["text"] if result.outputs else result.reason, events


def test_a_job_runs_with_what_is_its_owners(tmp_path: Path) -> None:
    backend = _backend(tmp_path)
    assert _run(backend, _job("anna"))[0] == ["anna's", "hello", "a.png"]
    assert _run(backend, _job("bert"))[0] == ["bert's", "hello", "a.png"], "and not what anna's gave"
    assert "anna.png" not in _run(backend, _job("bert", file="missing.png"))[0]
    assert "bert.png" in _run(backend, _job("bert", file="missing.png"))[0]
    assert _run(backend, _job("", file="users/anna/anna.png"))[0] == ["everyone's", "hello", "users/anna/anna.png"]
    backend.close()


def test_no_job_is_explained_by_anothers(tmp_path: Path) -> None:
    backend = _backend(tmp_path)
    _run(backend, _job("anna", "a secret of anna's"))
    _, events = _run(backend, _job("bert", "something else"))
    assert "secret" not in repr(events)
    (explained,) = (event for event in events if isinstance(event, Explained))
    assert [cause.kind for cause in explained.explanation.nodes["1"].causes] == ["new"]
    assert not [event for event in events if isinstance(event, Cached) and event.node_ids]
    _, again = _run(backend, _job("bert", "something new"))
    assert "something else" in repr(again), "his own it is"
    backend.close()
