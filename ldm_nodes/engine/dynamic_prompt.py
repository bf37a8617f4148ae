"""The graph of a run as node packs see it: the prompt, and the nodes that others have put in their own place.

Its methods bear the names that packs call (`DYNPROMPT`); what it returns is JSON in API format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Place(NamedTuple):
    """Where a node of a run stands.

    Attributes:
        node_id: its id in the run.
        display_id: the node that the editor shows in its stead.
        parent_id: the node that it was put in by, or None for a node of the prompt.
        real_id: the node of the prompt that it belongs to.
    """

    node_id: str
    display_id: str
    parent_id: str | None
    real_id: str


class DynamicPrompt:
    """The nodes of a prompt and those added while it runs.

    Args:
        original: makes the prompt as JSON when it is first asked for.
    """

    def __init__(self, original: Callable[[], dict[str, Any]]) -> None:
        self._original = original
        self._places: dict[str, Place] = {}
        self.ephemeral_prompt: dict[str, Any] = {}

    @property
    def original_prompt(self) -> dict[str, Any]:
        """The prompt; one object per run."""
        return self._original()

    def get_original_prompt(self) -> dict[str, Any]:
        """Return the prompt; one object per run."""
        return self._original()

    def get_node(self, node_id: str) -> dict[str, Any]:
        """Return a node as JSON.

        Raises:
            KeyError: when there is none.
        """
        found = self.ephemeral_prompt.get(node_id) or self._original().get(node_id)
        if found is None:
            raise KeyError(f"There is no node {node_id}.")
        node: dict[str, Any] = found
        return node

    def has_node(self, node_id: str) -> bool:
        """Say whether there is such a node."""
        return node_id in self.ephemeral_prompt or node_id in self._original()

    def all_node_ids(self) -> set[str]:
        """Return the ids of all nodes that there are now."""
        return {*self._original(), *self.ephemeral_prompt}

    def place(self, node_id: str) -> Place:
        """Say where a node stands."""
        return self._places.get(node_id) or Place(node_id, node_id, None, node_id)

    def get_parent_node_id(self, node_id: str) -> str | None:
        """Return the node that put this one in, or None for a node of the prompt."""
        return self.place(node_id).parent_id

    def get_real_node_id(self, node_id: str) -> str:
        """Return the node of the prompt that this one belongs to."""
        return self.place(node_id).real_id

    def get_display_node_id(self, node_id: str) -> str:
        """Return the node that the editor shows in the stead of this one."""
        return self.place(node_id).display_id

    def add_ephemeral_node(
        self, node_id: str, node_info: Mapping[str, Any], parent_id: str, display_id: str | None = None
    ) -> Place:
        """Add a node that `parent_id` put in; without a `display_id` the editor shows what it shows for the parent."""
        shown = self.get_display_node_id(display_id or parent_id)
        self.ephemeral_prompt[node_id] = dict(node_info)
        self._places[node_id] = place = Place(node_id, shown, parent_id, self.get_real_node_id(parent_id))
        return place
