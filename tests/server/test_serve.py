"""`ldm-nodes serve` as its user starts it: a script of ComfyUI's, options, a calm end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from .program import PATIENCE, running

GRAPHS = Path(__file__).parents[2] / "graphs"


def _small_graph(folder: Path, steps: int = 2) -> Path:
    graph = json.loads((GRAPHS / "txt2img.json").read_text())
    graph["3"]["inputs"] |= {"steps": steps, "sampler_name": "ddim"}
    graph["5"]["inputs"] |= {"width": 64, "height": 64}
    path = folder / "graph.json"
    path.write_text(json.dumps(graph))
    return path


@pytest.mark.slow
def test_a_client_written_for_comfyui_gets_its_picture(tmp_path: Path) -> None:
    graph, pictures = _small_graph(tmp_path), tmp_path / "pictures"
    pictures.mkdir()
    with running(tmp_path / "base") as program:
        server = program.url.removeprefix("http://")
        client = [sys.executable, "-m", "tests.server.comfy_client", server, str(graph), str(pictures)]
        done = subprocess.run(client, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
    with Image.open(next(pictures.iterdir())) as picture:
        assert picture.size == (64, 64)
        assert json.loads(picture.info["prompt"])["3"]["class_type"] == "KSampler"


@pytest.mark.slow
def test_the_catalogue_is_there_before_torch_and_the_end_is_calm(tmp_path: Path) -> None:
    with running(tmp_path / "base") as program:
        info = program.get("/object_info")
        assert "KSampler" in info
        assert program.get("/system_stats")["devices"][0]["type"] == "cpu"
        assert program.stop() == 0
        assert "Traceback" not in program.told


@pytest.mark.slow
def test_a_job_that_runs_at_the_end_goes_back_into_the_queue(tmp_path: Path) -> None:
    graph = json.loads(_small_graph(tmp_path, steps=300).read_text())
    with running(tmp_path / "base", "--patience", "0") as program:
        job_id = program.queue(graph)
        end = time.monotonic() + PATIENCE
        while not ((program.job(job_id)["live"] or {}).get("progress") or {}).get("3"):
            assert time.monotonic() < end, program.job(job_id)
            time.sleep(0.05)
        assert program.stop() == 0
    with running(tmp_path / "base", "--start", "paused") as program:
        job = program.job(job_id)
        assert (job["state"], job["attempts"]) == ("queued", 1)
        assert "stopped while this job ran" in job["reason"]


@pytest.mark.slow
def test_a_second_server_on_the_same_folder_says_why_it_cannot(tmp_path: Path) -> None:
    with running(tmp_path / "base"):
        command = [sys.executable, "-m", "ldm_nodes", "serve", "--base-dir", str(tmp_path / "base"), "--port", "0"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert "in use by another process" in done.stderr


@pytest.mark.slow
def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    with running(tmp_path / "base") as program:
        command = [sys.executable, "-m", "ldm_nodes", "serve", "--base-dir", str(tmp_path / "other")]
        taken = [*command, "--port", str(program.port)]
        done = subprocess.run(taken, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert f"port {program.port}" in done.stderr


@pytest.mark.slow
def test_a_job_that_can_finish_at_the_end_finishes_and_no_other_begins(tmp_path: Path) -> None:
    graph = json.loads(_small_graph(tmp_path, steps=200).read_text())
    other = {**graph, "3": {**graph["3"], "inputs": {**graph["3"]["inputs"], "seed": 5}}}
    with running(tmp_path / "base", "--patience", str(PATIENCE)) as program:
        job_id, waiting = program.queue(graph), program.queue(other)
        end = time.monotonic() + PATIENCE
        while not ((program.job(job_id)["live"] or {}).get("progress") or {}).get("3"):
            assert time.monotonic() < end, program.job(job_id)
            time.sleep(0.02)
        assert program.stop() == 0
        assert "Traceback" not in program.told
    with running(tmp_path / "base", "--start", "paused") as program:
        assert [program.job(name)["state"] for name in (job_id, waiting)] == ["done", "queued"]
        assert program.get("/history")[job_id]["status"]["completed"] is True
        assert [path.suffix for path in (tmp_path / "base" / "output").iterdir()] == [".png"]
