"""How a node trains: in a folder below the output folder, heard and stopped through its context.

The same name with the same settings goes on where a run stopped, and takes a finished one as it is.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..engine.context import Context
from ..engine.errors import Cancelled, InputError
from .runtime import Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ..settings import Folders
    from ..training.config import TrainingConfig
    from ..training.loop import Step
    from ..training.state import Checkpoints

FOLDER = "training"


@dataclass(frozen=True)
class Watching:
    """The watcher of a run that tells the context of a node."""

    context: Context[Runtime]

    def step(self, step: Step) -> None:
        """Tell how far the run is."""
        with suppress(Cancelled):  # `stopped` hears the same wish, and then the step is stored
            self.context.progress(step.number, step.total)

    def notice(self, message: str) -> None:
        """Pass on a notice."""
        self.context.notice(message)

    def sheet(self, path: Path) -> None:
        """Show a sample sheet."""
        from ..training.sheet import read_sheet

        self.context.preview(lambda: read_sheet(path))

    def stopped(self) -> bool:
        """Tell whether someone wants the run to stop."""
        return self.context.token.cancelled

    def latents(self, made: int, total: int) -> None:
        """Tell how many latents are cached; what is made is kept, so the run may end here at once.

        Raises:
            KeyboardInterrupt: when someone wants the run to stop; it then counts as stopped, not as failed.
        """
        try:
            self.context.progress(made, total)
        except Cancelled as error:
            raise KeyboardInterrupt from error


def run_folder(folders: Folders, name: str) -> Path:
    """Return the folder of the run `name`, below `output/training`.

    Raises:
        InputError: the name leads out of it, or can be no folder.
    """
    from ..imaging.errors import NameRefusedError
    from ..imaging.naming import split_prefix

    root = folders.output / FOLDER
    try:
        parent, stem = split_prefix(name)
        folder = (root / parent / stem).resolve()
    except (NameRefusedError, OSError, RuntimeError) as error:
        raise _bad_name(name, str(error)) from error
    if not folder.is_relative_to(root.resolve()):
        raise _bad_name(name, "It is a link that leads outside the output folder.")
    return folder


def _bad_name(name: str, reason: str) -> InputError:
    expected = f"the name of a folder below output/{FOLDER}, such as 'foxes'"
    return InputError("name", received=repr(name[:80]), expected=expected, remedy=reason)


def trained(context: Context[Runtime], root: Path, tree: Mapping[str, Any]) -> Path:
    """Train what a configuration says, unless that is done already, and return the file of the weights.

    Raises:
        InputError: the folder holds another run, or the losses are not finite.
        TrainingError: it cannot be trained; the message says why.
        ModelError: the configuration or the weights that it names do not fit.
        Cancelled: someone wanted it to stop; the last step is stored then.
    """
    from ..training.config import parse_config
    from ..training.state import MODEL, Checkpoints, read_progress

    config = parse_config(dict(tree))
    checkpoints = Checkpoints(root / "checkpoints", config.options.keep)
    latest, steps = checkpoints.latest(), config.options.steps
    assert steps is not None  # the presets give it
    if latest is not None:
        _check_same(latest, config, root.name)
    step = 0 if latest is None else read_progress(latest).step
    if step < steps:
        latest = _train(context, root, config, checkpoints)
    else:
        longer = "" if step == steps else f", which is more than the {steps} asked for"
        context.notice(f"The run {root.name!r} has {step} steps already{longer}; choose another name to train anew.")
    assert latest is not None  # a run ends in a checkpoint
    return latest / MODEL


def _train(context: Context[Runtime], root: Path, config: TrainingConfig, checkpoints: Checkpoints) -> Path | None:
    import torch

    from ..training.errors import Diverged
    from ..training.processes import Processes
    from ..training.run import Job, start
    from ..training.shard import WHOLE

    watching = Watching(context)
    job = Job(config, root, Processes(WHOLE, context.runtime.compute.device), watching, watching.latents)
    try:
        with torch.inference_mode(False), torch.enable_grad():  # whatever the caller computes in
            start(job, resume=checkpoints.latest() is not None)
    except Diverged as error:
        raise InputError(
            "learning_rate",
            received=f"{config.base_learning_rate:g}",
            expected="a rate at which the loss stays finite",
            remedy=f"Lower it, and choose another name. {error}",
        ) from error
    except KeyboardInterrupt:
        context.check_cancelled()
        raise
    context.check_cancelled()
    return checkpoints.latest()


def _check_same(latest: Path, config: TrainingConfig, name: str) -> None:
    """Refuse to go on with a run that was of other settings or pictures."""
    from ..training.config import changes
    from ..training.state import read_progress

    earlier = read_progress(latest)
    differing = [f"{path} {old!r}, now {new!r}" for path, (old, new) in changes(earlier.config, config.tree).items()]
    if (count := len(config.data.train.dataset())) != earlier.pictures:
        differing.append(f"{earlier.pictures} pictures, now {count}")
    if differing:
        raise InputError(
            "name",
            received=f"{name!r}, the name of a run with other settings ({'; '.join(differing)})",
            expected="a name that is free, or that of a run with these settings",
            remedy="Choose another name, or set everything but the steps as it was.",
        )
