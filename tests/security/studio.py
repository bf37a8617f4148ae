"""A server with the real nodes, for what only they do: reading and writing files of users."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from ldm_nodes.cli.serve import fitted
from ldm_nodes.engine.executor import Executor
from ldm_nodes.jobs.desk import JobDesk
from ldm_nodes.jobs.local import LocalBackend
from ldm_nodes.nodes import builtin_registry
from ldm_nodes.nodes.runtime import Runtime
from ldm_nodes.server.access import Access
from ldm_nodes.settings import Folders, Settings
from tests.server.house import Answer, House, serving


def as_user(name: str) -> dict[str, str]:
    """Return the headers of a user's requests."""
    return {"Authorization": f"Bearer token-of-{name}"}


def png(colour: str = "red") -> bytes:
    """Return a small picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, "png")
    return buffer.getvalue()


def copying(name: str, saver: str = "SaveImage") -> dict[str, dict[str, Any]]:
    """Return a graph that loads a picture and saves it."""
    inputs: dict[str, Any] = {"images": ["1", 0]}
    if saver == "SaveImage":
        inputs["filename_prefix"] = "copy"
    return {
        "1": {"class_type": "LoadImage", "inputs": {"image": name}},
        "2": {"class_type": saver, "inputs": inputs},
    }


def _backend(folders: Folders, desk: JobDesk) -> LocalBackend[Runtime]:
    runtime = Runtime(Settings(folders))

    return LocalBackend(
        lambda: Executor(builtin_registry(), runtime.cache, runtime), folders, 5.0, desk.secrets.of, fitted
    )


@contextlib.contextmanager
def studio(base: Path, *users: str, **parts: Any) -> Iterator[House]:
    """Give a server that saves pictures.

    Args:
        base: its folder.
        users: who has a token; "keeper" sees everything. With none, there is one user, and no token is asked for.
        parts: of `Site`.
    """
    tokens = {f"token-of-{name}": "" if name == "keeper" else name for name in users}
    with serving(
        base, access=Access(tokens=tokens), backend=_backend, **{"registry": builtin_registry(), **parts}
    ) as house:
        yield house


def upload(house: House, name: str, data: bytes, user: str = "", **fields: str) -> Answer:
    """Send a picture as a user does."""
    return house.upload("/upload/image", fields, name, data, as_user(user) if user else None)


def made(house: House, graph: Mapping[str, Any], user: str = "") -> dict[str, Any]:
    """Run a graph as a user does and return its entry in the history."""
    headers = as_user(user) if user else {}
    answer = house.ask("POST", "/prompt", {"prompt": graph}, headers)
    assert answer.status == 200, answer.text
    job_id = answer.json["prompt_id"]
    (record,) = house.finish(job_id)
    assert record.state == "done", record.reason
    entry: dict[str, Any] = house.ask("GET", f"/history/{job_id}", headers=headers).json[job_id]
    return entry
