"""What a run has told so far, folded into what is worth keeping: messages, outputs, the node at work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.dynamic_prompt import Place
from ..engine.errors import named
from ..engine.events import Cached, Event, Executed, Executing, Expanded, Started
from .messages import Message, message_of


class Transcript:
    """Hears the events of one job, in order; a new `Started` begins it anew.

    Attributes:
        job_id: which job.
        messages: ComfyUI's messages.
        outputs: node id to what it showed.
        places: where those nodes stand that others put in their place.
        executed: the nodes that ran.
        at_work: the node that is running, or None.
    """

    def __init__(self, job_id: str) -> None:
        self.job_id = job_id
        self.at_work: Executing | None = None
        self._begin()

    def hear(self, event: Event, time: float) -> None:
        """Take in one event, heard at `time`."""
        match event:
            case Started():
                self._begin()
            case Cached() if len(self.messages) > 1:
                return  # a twin, met in mid-run: ComfyUI tells of what was cached at the start only
            case Executing():
                self.at_work = event
            case Expanded(places=places):
                self.places.update((place.node_id, place) for place in places)
            case Executed():
                self._executed(event)
        class_type = self.at_work.class_type if self.at_work else ""
        if message := message_of(event, self.job_id, time, self.executed, class_type, self.places):
            self.messages.append(message)

    @property
    def place(self) -> str:
        """Name the node at work, for a sentence."""
        at = self.at_work
        return named(at.node_id, at.title, at.class_type) if at else "no node"

    def _begin(self) -> None:
        self.messages: list[Message] = []
        self.outputs: dict[str, Mapping[str, Any]] = {}
        self.places: dict[str, Place] = {}
        self.executed: list[str] = []
        self.at_work = None

    def _executed(self, event: Executed) -> None:
        self.at_work = None
        if event.ui is not None:
            self.outputs[event.node_id] = event.ui
        if not event.reused:
            self.executed.append(event.node_id)
