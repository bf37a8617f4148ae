"""ComfyUI's socket messages: what the engine tells of a run, in the words and frames that its clients know."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from ..engine.dynamic_prompt import Place
from ..engine.events import (
    Blocked,
    Cached,
    Estimate,
    Event,
    Executed,
    Executing,
    Expanded,
    Explained,
    Failed,
    Interrupted,
    Notice,
    Preview,
    Progress,
    Started,
    Succeeded,
)  # fmt: skip
from ..engine.progress import ProgressBoard
from ..jobs.job import Job
from ..jobs.transcript import Transcript

PREVIEW_IMAGE, TEXT, PREVIEW_IMAGE_WITH_METADATA = 1, 3, 4
JPEG, PNG = 1, 2
IMAGE_TYPES: Mapping[str, int] = {"image/jpeg": JPEG, "image/png": PNG}
SMALL_BOARD = 100
SECONDS_PER_NODE = 0.0002
"""How long larger boards are not told again: every telling has all nodes, which makes n² of them in a run of n."""


@dataclass(frozen=True)
class Message:
    """A text frame.

    Attributes:
        type: its name.
        data: what it tells, or that as JSON text where it is long and written already.
        broadcast: goes to everyone where the prompt has no client.
        replaces: a message still unsent with the same mark is out of date; empty where every one counts.
    """

    type: str
    data: Mapping[str, Any] | str
    broadcast: bool = False
    replaces: str = ""

    def text(self) -> str:
        """Return the frame. As in ComfyUI numbers that are not finite stand in it as `NaN`."""
        data = self.data if isinstance(self.data, str) else json.dumps(self.data, default=str)
        return f'{{"type": {json.dumps(self.type)}, "data": {data}}}'


@dataclass(frozen=True)
class Picture:
    """A preview, as encoded bytes.

    Attributes:
        job_id: the prompt.
        place: the node.
        image_type: `image/jpeg` or `image/png`.
        image: the file's bytes.
    """

    job_id: str
    place: Place
    image_type: str
    image: bytes

    @property
    def replaces(self) -> str:
        """The mark of previews of the same node."""
        return f"preview {self.job_id} {self.place.node_id}"

    def frame(self, with_metadata: bool) -> bytes:
        """Return the frame: with metadata for clients that understand it, else the plain one."""
        if not with_metadata:
            return struct.pack(">II", PREVIEW_IMAGE, IMAGE_TYPES[self.image_type]) + self.image
        described = {
            "node_id": self.place.node_id,
            "prompt_id": self.job_id,
            "display_node_id": self.place.display_id,
            "parent_node_id": self.place.parent_id,
            "real_node_id": self.place.real_id,
            "image_type": self.image_type,
        }
        text = json.dumps(described).encode()
        return struct.pack(">II", PREVIEW_IMAGE_WITH_METADATA, len(text)) + text + self.image


@dataclass(frozen=True)
class NodeText:
    """A text that a node shows while it runs."""

    node_id: str
    text: str

    def frame(self) -> bytes:
        """Return the binary frame."""
        node = self.node_id.encode()
        return struct.pack(">II", TEXT, len(node)) + node + self.text.encode()


Frame = Message | Picture | NodeText


@dataclass(frozen=True)
class Drawn:
    """What a preview's picture has become before it reaches the event loop: a file's bytes."""

    image_type: str
    image: bytes


class Narrator:
    """Tells one run of one job, from its `Started` on."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.board = ProgressBoard()
        self._transcript = Transcript(job.id)
        self._targets = frozenset(job.targets or ())
        self._stated, self._withheld = float("-inf"), False

    @property
    def at_work(self) -> str | None:
        """The node of the prompt that is shown as running, or None."""
        at = self._transcript.at_work
        return self.board.place(at.node_id).display_id if at else None

    def encode(self, event: Event, time: float) -> Iterator[Frame]:
        """Yield the frames that an event becomes.

        Args:
            event: what happened.
            time: when, in seconds since 1970.
        """
        before = 0 if isinstance(event, Started) else len(self._transcript.messages)
        self._transcript.hear(event, time)
        self.board.take(event)
        match event:
            case Started() | Cached() | Succeeded() | Failed() | Interrupted():
                yield from self._milestones(event, before)
            case Executing():
                yield from self._states(time)
                yield self._executing(event.node_id)
            case Progress():
                yield from self._states(time)
                yield self._progress(event)
            case Preview():
                yield from self._picture(event)
            case Executed():
                yield from self._executed(event)
                yield from self._states(time)
            case Notice():
                yield NodeText(self.board.place(event.node_id).display_id, event.message)
            case Blocked():
                yield self._blocked(event)
            case Expanded() | Estimate() | Explained():
                return  # ComfyUI's clients have no words for them
            case _:
                assert_never(event)

    def state(self) -> Message:
        """Return how far all nodes of the run are."""
        mark = f"progress_state {self.job.id}"
        return Message("progress_state", self.board.to_text(self.job.id), broadcast=True, replaces=mark)

    def end(self) -> Message:
        """Return the message after which the result stands in the history."""
        return Message("executing", {"node": None, "prompt_id": self.job.id})

    def _milestones(self, event: Event, before: int) -> Iterator[Message]:
        if self._withheld and not isinstance(event, Started | Cached):
            yield self.state()
        for name, data in self._transcript.messages[before:]:
            yield Message(name, data, broadcast=isinstance(event, Interrupted))

    def _states(self, time: float) -> Iterator[Message]:
        """Yield the state, unless a large one has just been told."""
        count = len(self.board.nodes)
        self._withheld = count > SMALL_BOARD and time - self._stated < count * SECONDS_PER_NODE
        if not self._withheld:
            self._stated = time
            yield self.state()

    def _executing(self, node_id: str) -> Message:
        display = self.board.place(node_id).display_id
        return Message("executing", {"node": node_id, "display_node": display, "prompt_id": self.job.id})

    def _progress(self, event: Progress) -> Message:
        data = {"value": event.value, "max": event.total, "prompt_id": self.job.id, "node": event.node_id}
        return Message("progress", data, broadcast=True, replaces=f"progress {self.job.id}")

    def _picture(self, event: Preview) -> Iterator[Picture]:
        if isinstance(event.image, Drawn):
            place = self.board.place(event.node_id)
            yield Picture(self.job.id, place, event.image.image_type, event.image.image)

    def _executed(self, event: Executed) -> Iterator[Message]:
        shown_again = event.reused and event.node_id in self._targets
        if event.ui is None and not shown_again:
            return
        yield Message(
            "executed",
            {
                "node": event.node_id,
                "display_node": self.board.place(event.node_id).display_id,
                "output": event.ui,
                "prompt_id": self.job.id,
            },
        )

    def _blocked(self, event: Blocked) -> Message:
        data = {
            "prompt_id": self.job.id,
            "node_id": self.board.place(event.node_id).real_id,
            "node_type": event.class_type,
            "executed": list(self._transcript.executed),
            "exception_message": f"Execution Blocked: {event.message}",
            "exception_type": "ExecutionBlocked",
            "traceback": [],
            "current_inputs": [],
            "current_outputs": [],
        }
        return Message("execution_error", data)


def status(remaining: int, sid: str | None = None) -> Message:
    """Return how many jobs wait and run; with `sid` as the greeting of a socket."""
    data: dict[str, Any] = {"status": {"exec_info": {"queue_remaining": remaining}}}
    if sid is None:
        return Message("status", data, broadcast=True, replaces="status")
    return Message("status", {**data, "sid": sid})
