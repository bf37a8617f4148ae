"""`ldm-nodes train`: train a model as a configuration says, and show how it goes."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console

from ..engine.errors import printable
from .stopping import stopping
from .training_display import TrainingDisplay


def run(arguments: argparse.Namespace) -> int:
    """Train; Ctrl-C ends the run in a checkpoint, a second one at once."""
    from ..models.errors import ModelError
    from ..training.config import read_config
    from ..training.errors import TrainingError
    from ..training.processes import joined
    from ..training.run import Job, start

    root: Path = arguments.output or Path("runs") / arguments.config.stem
    display = TrainingDisplay(Console(stderr=True), quiet=arguments.json)
    try:
        with joined(arguments.device) as processes:
            display.silent = not processes.writes
            config = read_config(arguments.config, arguments.overrides)
            with display, stopping(display.stop):
                outcome = start(Job(config, root, processes, display, display.latents), resume=arguments.resume)
    except (TrainingError, ModelError) as error:
        print(printable(f"{arguments.config}: {error}"), file=sys.stderr)
        return 2 if display.last is None else 1
    if processes.writes:
        print(_summary(root, outcome, display, as_json=arguments.json))
    return 0 if outcome == "finished" else 130


def _summary(root: Path, outcome: str, display: TrainingDisplay, *, as_json: bool) -> str:
    last = display.last
    checkpoint = max((root / "checkpoints").glob("step-*"), default=None)
    if as_json:
        told = {"status": outcome, "folder": str(root), "checkpoint": str(checkpoint), "notices": display.notices}
        return json.dumps({**told, "step": last.number if last else None, "losses": dict(last.losses) if last else {}})
    where = "" if checkpoint is None else f"; the last checkpoint is {checkpoint / 'model.safetensors'}"
    hint = "" if outcome == "finished" else " Add --resume to go on."
    return f"{root}: {outcome}{where}.{hint}"
