"""A job is a value that can be written down; what cannot be is refused with a sentence."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from ldm_nodes.jobs.errors import BadJob
from ldm_nodes.jobs.job import Job
from ldm_nodes.jobs.state import State


def test_two_jobs_have_different_ids() -> None:
    assert Job("{}").id != Job("{}").id


def test_a_job_can_be_sent_away() -> None:
    job = Job("{}", targets=("9",), extra_data={"extra_pnginfo": {}}, hashes={"a.safetensors": "00"})
    assert pickle.loads(pickle.dumps(job)) == job


def test_equal_jobs_have_equal_digests() -> None:
    job = Job("{}", targets=("9",))
    assert replace(job, id="other", client_id="c", number=7).digest == job.digest
    assert len({job.digest, replace(job, prompt="{ }").digest, replace(job, targets=None).digest}) == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"id": ""}, "1 to 200 characters"),
        ({"id": "x" * 201}, "this one has 201"),
        ({"number": float("nan")}, "received nan"),
        ({"number": float("inf")}, "received inf"),
        ({"number": -(10**400)}, "between -2"),
        ({"priority": 10**30}, "between -1000000 and 1000000"),
        ({"client_id": "\ud800"}, "client_id of a job must be valid text"),
        ({"prompt": "ab\udfff"}, "at character 2"),
    ],
)
def test_what_cannot_be_stored_is_refused(fields: dict[str, str | float], words: str) -> None:
    with pytest.raises(BadJob, match=words):
        Job(**{"prompt": "{}", **fields})  # type: ignore[arg-type]


def test_which_states_are_ends() -> None:
    assert {state for state in State if not state.finished} == {State.QUEUED, State.RUNNING}
