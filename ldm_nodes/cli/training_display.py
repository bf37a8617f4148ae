"""A training run as a person sees it: a table that lives on a terminal; without one, a line now and then."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table

from ..engine.errors import printable

if TYPE_CHECKING:
    from ..training.loop import Step

LINE_EVERY = 10.0
"""Seconds between lines where there is no terminal."""

MEMORY = 0.98
"""What the shown speed and losses keep of their past with each step."""


class TrainingDisplay:
    """Watches a run; use it as a context manager.

    Attributes:
        silent: show nothing: another process talks.
        last: the last step.
        notices: what was told so far.
        stopping: whether the run was asked to end.
    """

    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        """Prepare to show a run.

        Args:
            console: where.
            quiet: show notices only.
        """
        self.silent = False
        self.last: Step | None = None
        self.notices: list[str] = []
        self.stopping = False
        self._console = console
        self._quiet = quiet
        self._live = Live(console=console, auto_refresh=False, transient=False)
        self._told = 0.0
        self._speed = 0.0
        self._smooth: dict[str, float] = {}
        self._sheet: Path | None = None

    def __enter__(self) -> TrainingDisplay:
        if self._draws:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live.is_started:
            self._live.stop()

    def stop(self) -> None:
        """Ask the run to end after the present step."""
        self.stopping = True
        self.notice("Stopping after this step, in a checkpoint. Once more ends at once.")

    def stopped(self) -> bool:
        """Tell the run whether to end."""
        return self.stopping

    def step(self, step: Step) -> None:
        """Show a step."""
        first = self.last is None
        self.last = step
        for name, value in step.losses.items():
            self._smooth[name] = value if name not in self._smooth else _mixed(self._smooth[name], value)
        self._speed = step.images_per_second if first else _mixed(self._speed, step.images_per_second)
        now, ended = time.monotonic(), step.number == step.total
        if (
            self._quiet
            or self.silent
            or not (first or ended or now - self._told >= (0.25 if self._draws else LINE_EVERY))
        ):
            return
        self._told = now
        if self._draws:
            self._live.update(self._table(step), refresh=True)
        else:
            self._console.print(self._line(step), markup=False, highlight=False, soft_wrap=True)

    def notice(self, message: str) -> None:
        """Show a notice."""
        message = printable(message)
        self.notices.append(message)
        if not self.silent:
            self._console.print(message, style="yellow", markup=False, highlight=False, soft_wrap=True)

    def sheet(self, path: Path) -> None:
        """Show where the newest samples are."""
        self._sheet = path

    def latents(self, made: int, total: int) -> None:
        """Show how far the cache of latents is; what is made is kept, so the run may be ended here at once."""
        if self.stopping:
            raise KeyboardInterrupt
        if not (self._quiet or self.silent):
            self._console.print(f"Cached latents: {made} of {total}", markup=False, highlight=False)

    @property
    def _draws(self) -> bool:
        return self._console.is_terminal and not self._quiet and not self.silent

    def _left(self, step: Step) -> str:
        per_step = step.seconds * step.images_per_second
        seconds = (step.total - step.number) * per_step / self._speed if self._speed else 0
        return str(timedelta(seconds=round(seconds)))

    def _table(self, step: Step) -> Table:
        table = Table(title=f"Step {step.number} of {step.total}", title_justify="left", show_header=False)
        table.add_column(style="bold")
        table.add_column(justify="right")
        for name, value in self._smooth.items():
            table.add_row(name, f"{value:.5g}")
        table.add_row("learning rate", f"{step.learning_rate:.3g}")
        table.add_row("pictures seen", f"{step.samples}")
        table.add_row("pictures / s", f"{self._speed:.1f}")
        table.add_row("time left", self._left(step))
        if self._sheet is not None:
            table.add_row("samples", str(self._sheet))
        return table

    def _line(self, step: Step) -> str:
        losses = "  ".join(f"{name} {value:.5g}" for name, value in self._smooth.items())
        return (
            f"step {step.number}/{step.total}  {losses}  lr {step.learning_rate:.3g}  "
            f"{self._speed:.1f} pictures/s  left {self._left(step)}"
        )


def _mixed(past: float, present: float) -> float:
    return MEMORY * past + (1 - MEMORY) * present
