"""`ldm-nodes serve` as a process of its own, as its user starts it, and what a script asks of it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

PATIENCE = 120.0
"""How many seconds anything may take on a machine that is busy with other things."""
LISTENING = re.compile(r"Listening on http://[^:]+:(\d+)/")


class Program:
    """The process; its log is in a file beside its folder.

    Args:
        base: its folder.
        arguments: further options.
        module: what is run, with arguments of its own before the command.
        command: what serves, with what it takes before options.
    """

    def __init__(
        self,
        base: Path,
        *arguments: str,
        module: Sequence[str] = ("ldm_nodes",),
        command: Sequence[str] = ("serve",),
    ) -> None:
        self.log = base.with_name(f"{base.name}.log")
        self._already = self.log.stat().st_size if self.log.exists() else 0
        words = [sys.executable, "-m", *module, *command, "--base-dir", str(base), "--port", "0", *arguments]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, env=environment)
        self.port = self._port()

    @property
    def told(self) -> str:
        """What this process has written into the log."""
        return self.log.read_bytes()[self._already :].decode()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send a request and return the answer's status and its JSON, or its text where it is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        is_json = answer.headers.get_content_type() == "application/json"
        return answer.status, json.loads(text) if is_json else text

    def get(self, path: str) -> Any:
        status, answer = self.ask("GET", path)
        assert status == 200, (path, status, answer)
        return answer

    def queue(self, graph: Any, **more: Any) -> str:
        status, answer = self.ask("POST", "/prompt", {"prompt": graph, **more})
        assert status == 200, answer
        return str(answer["prompt_id"])

    def job(self, job_id: str) -> Any:
        return self.get(f"/jobs/{job_id}")

    def finish(self, *job_ids: str) -> list[Any]:
        """Wait until jobs have ended and return them."""
        end = time.monotonic() + PATIENCE
        for job_id in job_ids:
            while self.job(job_id)["state"] in ("queued", "running"):
                assert time.monotonic() < end, self.told
                time.sleep(0.02)
        return [self.job(job_id) for job_id in job_ids]

    def hear(self, words: str) -> None:
        """Wait until it has said something in its log."""
        end = time.monotonic() + PATIENCE
        while words not in self.told:
            assert time.monotonic() < end, self.told
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as the system does when memory runs out."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def _port(self) -> int:
        end = time.monotonic() + PATIENCE
        while (found := LISTENING.search(self.told)) is None:
            assert self.process.poll() is None, self.told
            assert time.monotonic() < end, self.told
            time.sleep(0.002)
        return int(found[1])


@contextlib.contextmanager
def running(base: Path, *arguments: str, module: Sequence[str] = ("ldm_nodes",)) -> Iterator[Program]:
    """Give the program at work; it is asked to end afterwards."""
    program = Program(base, *arguments, module=module)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.stop()
