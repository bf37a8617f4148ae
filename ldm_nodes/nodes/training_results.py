"""Nodes that show a training run, and keep what it made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ..engine.context import Context
from ..engine.sockets import Choice, String
from ..engine.spec import NodeOutput, node
from .runtime import Runtime
from .sockets import Image, Training

if TYPE_CHECKING:
    import torch


@node("TrainingPlot", category="training", display_name="Training Plot")
def training_plot(training: Training) -> Image:
    """Draw the losses of a training run."""
    import numpy as np
    import torch

    from ..training.metrics import read_series
    from ..training.plot import draw_plot

    tables = (training / "metrics.csv", training / "validation.csv")
    series = {name: points for table in tables for name, points in read_series(table).items()}
    return torch.from_numpy(np.array(draw_plot(series), dtype=np.float32) / 255).unsqueeze(0)


@node("SaveCheckpoint", category="training", display_name="Save Checkpoint", output=True)
def save_checkpoint(
    training: Training,
    *,
    filename_prefix: Annotated[str, String()] = "trained",
    precision: Annotated[str, Choice(("fp16", "fp32"))] = "fp16",
    context: Context[Runtime],
) -> NodeOutput[None]:
    """Keep the model of a training run where the loader nodes find it, without what only training needs.

    A diffusion model goes to `output/checkpoints`, an autoencoder to `output/vae`. A file is never overwritten.

    Args:
        training: the run; its last step is taken, with averaged weights where there are any.
        filename_prefix: the name before the number.
        precision: fp16 halves the file.
    """
    from ..imaging.naming import start_series
    from ..training.export import export, is_complete
    from ..training.state import Checkpoints

    latest = Checkpoints(training / "checkpoints").latest()
    if latest is None:
        raise FileNotFoundError(f"The run {training.name!r} has no checkpoint; it was moved or removed.")
    kind = "checkpoints" if is_complete(latest) else "vae"
    series = start_series(context.runtime.folders.output / kind, filename_prefix)
    path = export(latest, series.folder / series.name(0, ".safetensors"), _dtype(precision))
    name = Path(series.subfolder, path.name).as_posix()
    return NodeOutput(None, {"text": [f"saved {kind}/{name} ({path.stat().st_size / 1e6:.1f} MB)"]})


def _dtype(precision: str) -> torch.dtype:
    import torch

    return torch.float16 if precision == "fp16" else torch.float32
