"""One node of a graph under examination: its constants, its wires, its own `check`.

Where ComfyUI's codes name an accident of its own (a wire from nowhere is an exception there), code, message and details
stay, since clients know them, and the problem's `sentence` says what is the matter.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from ..settings import Folders
from .errors import Problem, Words, named
from .hooks import call_hook, hidden_beforehand, named_inputs, takes_types
from .literals import bad_link, check_literal, describe
from .prompt import BadLink, Link, Prompt
from .sockets import IoType, Scan, fits
from .spec import Hook, InputSpec, NodeSpec

ABSENT = object()


@dataclass
class Surroundings:
    """What nodes are examined against.

    Attributes:
        prompt: the graph.
        specs: class name to what is known of it, for all classes of the graph; None for an unknown one.
        folders: where file choices look.
        scan: what the folders hold.
        sources: node id to the nodes that it is wired to, for all nodes that are examined.
        wanted: the nodes that are to run for their own sake.
    """

    prompt: Prompt
    specs: Mapping[str, NodeSpec | None]
    folders: Folders
    scan: Scan
    sources: Mapping[str, tuple[str, ...]]
    wanted: Mapping[str, None]
    _outputs: dict[str, tuple[IoType, ...]] = field(default_factory=dict)
    _inputs: dict[tuple[str, str], IoType] = field(default_factory=dict)

    def output_types(self, spec: NodeSpec) -> tuple[IoType, ...]:
        """Return the types of a node's outputs."""
        if spec.name not in self._outputs:
            self._outputs[spec.name] = tuple(output.io_type(self.scan) for output in spec.outputs)
        return self._outputs[spec.name]

    def input_type(self, spec: NodeSpec, item: InputSpec) -> IoType:
        """Return the type of one of a node's inputs."""
        place = (spec.name, item.name)
        if place not in self._inputs:
            self._inputs[place] = item.field.io_type(self.scan)
        return self._inputs[place]

    def name(self, node_id: str) -> str:
        """Describe a node in words."""
        node = self.prompt.nodes[node_id]
        return named(node_id, node.title, node.class_type)

    @cached_property
    def consumers(self) -> dict[str, tuple[str, str, Link]]:
        """Node id to the first node that is wired to it: its id, the input, the wire."""
        found: dict[str, tuple[str, str, Link]] = {}
        for node_id in self.sources:
            for name, link in self.prompt.nodes[node_id].links.items():
                found.setdefault(link.node_id, (node_id, name, link))
        return found


class NodeCheck:
    """Examines one node of a known class.

    Attributes:
        problems: what is wrong with it; the first fault of an input ends the checks of that input only.
        literals: its declared constants as the function will receive them.
        links: its wires from nodes that exist.
    """

    def __init__(self, node_id: str, spec: NodeSpec, around: Surroundings) -> None:
        self.node_id = node_id
        self.problems: list[Problem] = []
        self.literals: dict[str, Any] = {}
        self.links: dict[str, Link] = {}
        self._around = around
        self._node = around.prompt.nodes[node_id]
        self._spec = spec

    def run(self) -> NodeCheck:
        """Examine every input, then ask the node's own `check`."""
        spec, given = self._spec, self._node.inputs
        answered = named_inputs(spec.check, spec) if spec.check else ()
        for name, item in spec.inputs.items():
            value = given.get(name, ABSENT)
            if type(value) is Link:
                self._examine_link(item, value)
            elif value is not ABSENT:
                self._examine_literal(item, value, bounded=name not in answered)
            elif item.required:
                self._report_missing(item)
        if not given.keys() <= spec.inputs.keys():
            self._examine_undeclared()
        if spec.check:
            self._ask(spec.check, answered)
        return self

    def _examine_literal(self, item: InputSpec, value: Any, bounded: bool) -> None:
        scan, problem = self._around.scan, self._problem_at(item)
        if isinstance(value, BadLink):
            self._report_bad_link(item, value)
            return
        checked = check_literal(item, value, scan, bounded, problem)
        if isinstance(checked, Problem):
            self.problems.append(checked)
        else:
            self.literals[item.name] = checked

    def _report_bad_link(self, item: InputSpec, bad: BadLink) -> None:
        told = bad_link(item.name, bad.value, describe(item.field, self._around.scan), self._problem_at(item))
        if len(bad.value) == 2 and isinstance(bad.value[0], int):  # passes for a link to a node that is not there
            error = self._exception(item.name, KeyError(bad.value[0]))
            told = replace(
                error, received=told.received, expected=told.expected, remedy=told.remedy, sentence=told.message
            )
        self.problems.append(told)

    def _examine_link(self, item: InputSpec, link: Link) -> None:
        source = self._source(item.name, link)
        if source is None:
            return
        kinds = self._around.output_types(source)
        received, expected = kinds[link.slot], self._around.input_type(self._spec, item)
        if received is expected or fits(received, expected) or takes_types(self._spec):
            return
        fitting = [slot for slot, kind in enumerate(kinds) if fits(kind, expected)]
        problem = self._problem_at(item)(
            "return_type_mismatch",
            "Return type mismatch between linked nodes",
            f"{item.name}, received_type({_printed(received)}) mismatch input_type({_printed(expected)})",
            producer=f"output {link.slot} of {self._around.name(link.node_id)}",
            expected=describe(item.field, self._around.scan),
            remedy=f"Its output {fitting[0]} would fit." if fitting else "",
            extra_info={"received_type": received, "linked_node": list(link)},
        )
        self.problems.append(replace(problem, received=Words(f"a wire of type {_printed(received)}")))

    def _source(self, name: str, link: Link) -> NodeSpec | None:
        """Return the class of the node that a link comes from; report a link that comes from nowhere."""
        node = self._around.prompt.nodes.get(link.node_id)
        if node is None:
            told = {"sentence": f"There is no node {link.node_id}", "expected": "a node of this graph"}
            self.problems.append(self._exception(name, KeyError(link.node_id), link, **told))
            return None
        self.links[name] = link
        spec = self._around.specs[node.class_type]
        if spec is None or 0 <= link.slot < len(spec.outputs):
            return spec
        outputs = ", ".join(f"{slot} ({output.name})" for slot, output in enumerate(spec.outputs)) or "none"
        where = f"{self._around.name(link.node_id)} has no output {link.slot}"
        told = {"sentence": where[0].upper() + where[1:], "expected": f"one of its outputs: {outputs}"}
        self.problems.append(self._exception(name, IndexError("tuple index out of range"), link, **told))
        return None

    def _examine_undeclared(self) -> None:
        """Look at the wires into inputs that the class does not declare; such constants are dropped."""
        for name, link in self._node.links.items():
            if name in self._spec.inputs:
                continue
            self._source(name, link)
            if not self._spec.accepts_any:
                expected = f"one of {', '.join(self._spec.inputs) or 'no inputs at all'}"
                self.problems.append(
                    self._problem_at(name)(
                        "undeclared_input", "The node has no such input", name, received=list(link), expected=expected
                    )
                )

    def _ask(self, check: Hook, answered: tuple[str, ...]) -> None:
        """Call the node's `check`; as in ComfyUI its complaint counts for every argument that it was given.

        So one that takes none is not asked. What it raises because of a value that is at fault already is no news.
        """
        spec, at_fault = self._spec, {problem.input_name for problem in self.problems}
        types = {name: self._type_of(link) for name, link in self.links.items() if name in spec.inputs}
        extra = {"input_types": [types] if spec.list_inputs else types, **hidden_beforehand(spec, self.node_id)}
        takes = inspect.signature(check).parameters
        given = [*(name for name in answered if name in self._node.inputs), *(name for name in extra if name in takes)]
        if not given and "folders" not in takes:
            return
        constants = {name: value for name, value in self._node.inputs.items() if name in at_fault and name in answered}
        try:
            verdict = call_hook(check, spec, {**constants, **self.literals}, self._around.folders, **extra)
        except Exception as error:  # noqa: BLE001 - a node's own code may raise anything, and it must be told
            if at_fault.isdisjoint(answered):
                self.problems.append(self._exception("", error))
            return
        if verdict is not True:
            self.problems += [self._refusal(name, verdict) for name in given or [""]]

    def _refusal(self, name: str, verdict: Any) -> Problem:
        text = "" if verdict is False else f" - {verdict}"
        sentence = "The node refuses what it was given" if verdict is False else str(verdict)
        return self._problem_at(name)(
            "custom_validation_failed", "Custom validation failed for node", f"{name}{text}", sentence=sentence
        )

    def _type_of(self, link: Link) -> Any:
        spec = self._around.specs[self._around.prompt.nodes[link.node_id].class_type]
        types = self._around.output_types(spec) if spec is not None else ()
        return types[link.slot] if 0 <= link.slot < len(types) else None

    def _report_missing(self, item: InputSpec) -> None:
        expected = describe(item.field, self._around.scan)
        self.problems.append(
            self._problem_at(item.name)(
                "required_input_missing", "Required input is missing", item.name, expected=expected
            )
        )

    def _exception(self, name: str, error: Exception, link: Link | None = None, **told: Any) -> Problem:
        """Return what is an exception in ComfyUI: on a target as such, else as one met on the way to this node."""
        info: dict[str, Any] = {
            "exception_message": str(error),
            "exception_type": type(error).__name__,
            "traceback": traceback.format_tb(error.__traceback__),
        }
        if link is not None:
            told |= {"remedy": "Connect the input again.", "received": list(link)}
            info |= {"input_name": name, "linked_node": list(link)}
        consumer = None if self.node_id in self._around.wanted else self._around.consumers.get(self.node_id)
        code, message = "exception_during_validation", "Exception when validating node"
        if consumer is not None:
            code, message = "exception_during_inner_validation", "Exception when validating inner node"
            info |= self._way_here(*consumer)
        return Problem(code, message, str(error), *self._place(name), extra_info=info, **told)

    def _way_here(self, node_id: str, name: str, link: Link) -> dict[str, Any]:
        """Return what ComfyUI tells of the wire by which it came to this node."""
        spec = self._around.specs[self._around.prompt.nodes[node_id].class_type]
        item = None if spec is None else spec.inputs.get(name)
        config = None if item is None else list(item.config(self._around.scan))
        return {"input_name": name, "input_config": config, "linked_node": list(link)}

    def _place(self, name: str) -> tuple[str, str, str, str]:
        return self.node_id, self._node.title, self._node.class_type, name

    def _problem_at(self, item: InputSpec | str) -> Callable[..., Problem]:
        """Return a maker of problems that know their place: an input, a name that is none, or the whole node."""
        name = item if isinstance(item, str) else item.name

        def problem(code: str, message: str, details: str = "", **told: Any) -> Problem:
            info: dict[str, Any] = {"input_name": name} if name else {}
            if isinstance(item, InputSpec):
                info["input_config"] = list(item.config(self._around.scan))
            if "received" in told:
                info["received_value"] = told["received"]
            told["extra_info"] = info | told.get("extra_info", {})
            return Problem(code, message, details, *self._place(name), **told)

        return problem


def _printed(io_type: IoType) -> Any:
    return list(io_type) if isinstance(io_type, tuple) else io_type
