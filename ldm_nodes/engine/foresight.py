"""What can be told of a graph before anything runs: what its nodes foresee flows along the wires.

A node's hook `foresee` receives its constants and, in place of its wires, what the hooks before it returned; None where
nothing is known. It returns what can be told of the outputs, as its function returns the outputs themselves, or raises
`InputError` for what cannot work. The engine hands these values on and looks into none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .errors import InputError, Problem, named
from .failures import problem_of
from .hooks import call_hook
from .plan import Plan
from .registry import Registry
from .spec import NodeSpec
from .walk import reachable

Foreseen = tuple[Any, ...]
"""One value per output; None where nothing is known."""


@dataclass(frozen=True)
class Foresight:
    """What a look ahead found.

    Attributes:
        plan: what of the plan can run; its `problems` are those from before and those foreseen.
        outputs: node id to what is foreseen of its outputs, for nodes of which anything is.
        notices: what the user should know although the graph can run, each with the node's name.
    """

    plan: Plan
    outputs: Mapping[str, Foreseen]
    notices: tuple[str, ...] = ()


def look_ahead(plan: Plan, registry: Registry) -> Foresight:
    """Ask every node of a plan that has something to say about what comes, sources first.

    Args:
        plan: the graph.
        registry: the nodes that there are; the plan must have been made with it.

    Raises:
        PromptRejected: when nothing of the plan can run. When only some targets can, the plan returned is theirs.
    """
    look = _Look(plan)
    for node_id in plan.order:
        spec = registry[plan.node(node_id).class_type]
        if spec.foresee is not None:
            look.ask(node_id, spec)
    certain = _certain(plan, registry) if look.problems else set()
    problems = [problem for problem in look.problems if problem.node_id in certain]
    perhaps = [f"Should it run: {problem}" for problem in look.problems if problem.node_id not in certain]
    return Foresight(_without(plan, problems), look.outputs, (*look.notices, *perhaps))


def _certain(plan: Plan, registry: Registry) -> set[str]:
    """Return the nodes that run in any case: what is made on demand only may not be wanted."""

    def sources(node_id: str) -> Iterator[str]:
        weak = registry[plan.node(node_id).class_type].weak
        return (link.node_id for name, link in plan.links[node_id].items() if name not in weak)

    return reachable(plan.targets, sources)


class _Look:
    """A look ahead under way."""

    def __init__(self, plan: Plan) -> None:
        self.outputs: dict[str, Foreseen] = {}
        self.problems: list[Problem] = []
        self.notices: list[str] = []
        self._plan = plan

    def ask(self, node_id: str, spec: NodeSpec) -> None:
        """Call the hook of one node."""
        assert spec.foresee is not None  # the caller has looked
        values = {**self._plan.literals[node_id], **self._arriving(node_id)}
        notice = partial(self._tell, node_id)
        try:
            told = call_hook(spec.foresee, spec, values, self._plan.folders, notice=notice)
        except InputError as error:
            self.problems.append(_foreseen(error, node_id, self._plan))
        except Exception as error:  # noqa: BLE001 - a node's own code may raise anything; not to foresee is no fault
            notice(f"What the node will do could not be foreseen: {error}.")
        else:
            if told is not None:
                self.outputs[node_id] = told if isinstance(told, tuple) else (told,)

    def _arriving(self, node_id: str) -> dict[str, Any]:
        links = self._plan.links[node_id].items()
        return {name: self._output(link.node_id, link.slot) for name, link in links}

    def _output(self, node_id: str, slot: int) -> Any:
        outputs = self.outputs.get(node_id, ())
        return outputs[slot] if slot < len(outputs) else None

    def _tell(self, node_id: str, message: str) -> None:
        node = self._plan.node(node_id)
        self.notices.append(f"{named(node_id, node.title, node.class_type)}: {message}")


def _foreseen(error: InputError, node_id: str, plan: Plan) -> Problem:
    """Tell a complaint as it would be told in a run, without what only a run has."""
    info: dict[str, Any] = {"input_name": error.input_name}
    if link := plan.links[node_id].get(error.input_name):
        info["linked_node"] = list(link)
    return replace(problem_of(error, node_id, plan), extra_info=info)


def _without(plan: Plan, problems: list[Problem]) -> Plan:
    """Return what of a plan is left when nothing that has a problem may run."""
    faulty = {problem.node_id for problem in problems if problem.node_id is not None}
    return plan.without(faulty, problems) if problems else plan
