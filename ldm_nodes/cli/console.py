"""A run's events as a person sees them: a bar with an estimate for the node at work, a line for each that is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ..engine.errors import named, printable
from ..engine.events import Cached, Estimate, Event, Executed, Executing, Explained, Notice
from ..engine.events import Progress as Step
from ..engine.explanation import Explanation
from ..engine.prompt import Prompt


@dataclass
class Display:
    """Shows one run; use it as a context manager and hand `show` to the executor.

    Attributes:
        prompt: the graph that runs, for the titles of its nodes.
        console: where to draw; standard error, so that standard output stays for results.
        quiet: show notices only.
        notices: what was told.
        explanation: what became of every node and why, once it was told.
    """

    prompt: Prompt
    console: Console
    quiet: bool = False
    notices: list[str] = field(default_factory=list)
    explanation: Explanation | None = None
    _tasks: dict[str, TaskID] = field(default_factory=dict)
    _whole: TaskID | None = None

    def __post_init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:g}/{task.total:g}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            disable=self.quiet or not self.console.is_terminal,
        )

    def __enter__(self) -> Display:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def show(self, event: Event) -> None:
        """Draw an event."""
        match event:
            case Executing(node_id=node_id) if node_id not in self._tasks:  # told again after waiting for lazy inputs
                self._tasks[node_id] = self._bars.add_task(self._name(node_id), total=1)
            case Step(node_id=node_id, value=value, total=total):
                self._bars.update(self._tasks[node_id], completed=value, total=total)
            case Executed(node_id=node_id, seconds=seconds, reused=False):
                self._finish(node_id, seconds)
            case Cached(node_ids=node_ids):
                for node_id in node_ids:
                    self._line(f"{self._name(node_id)}: reused")
            case Notice(node_id=node_id, message=message):
                self.notices.append(printable(f"{self._name(node_id)}: {message}"))
                self.console.print(f"Notice from {self.notices[-1]}", style="yellow", markup=False)
            case Estimate(fraction=fraction, seconds_left=seconds):
                self._show_whole(fraction, seconds)
            case Explained(explanation=explanation):
                self.explanation = explanation
            case _:
                pass

    def _show_whole(self, fraction: float, seconds: float) -> None:
        """Draw how far the whole graph is, in per cent, and how long it will take by what was learned."""
        if self._whole is None:
            self._whole = self._bars.add_task("", total=100)
        text = f"the whole graph, about {seconds:.0f} s left"
        self._bars.update(self._whole, completed=int(100 * fraction), description=text)

    def _finish(self, node_id: str, seconds: float) -> None:
        """Turn a bar into a line, so that the bar of the node at work is on the screen however large the graph is."""
        if (task := self._tasks.pop(node_id, None)) is not None:
            self._bars.remove_task(task)
        self._line(f"{self._name(node_id)}: {seconds:.2f} s")

    def _line(self, text: str) -> None:
        if not self.quiet:
            self.console.print(text, markup=False, highlight=False)

    def _name(self, node_id: str) -> str:
        node = self.prompt.nodes.get(node_id)  # those that others put in their place are not there
        return named(node_id, node.title, node.class_type) if node else named(node_id)
