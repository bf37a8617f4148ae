"""One node of a graph under examination: its constants, its wires, its own `check`."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..settings import Folders
from .errors import Problem, Words, named
from .hooks import call_hook, named_inputs, takes_types
from .literals import bad_link, check_literal, describe
from .prompt import BadLink, Link, Prompt
from .registry import Registry
from .sockets import Scan, fits
from .spec import Hook, InputSpec, NodeSpec


@dataclass(frozen=True)
class Surroundings:
    """What a node is examined against."""

    prompt: Prompt
    registry: Registry
    folders: Folders
    scan: Scan


class NodeCheck:
    """Examines one node of a known class.

    Attributes:
        problems: what is wrong with it; the first fault of an input ends the checks of that input only.
        literals: its declared constants as the function will receive them.
        links: its wires from nodes that exist.
    """

    def __init__(self, node_id: str, around: Surroundings) -> None:
        self.node_id = node_id
        self.problems: list[Problem] = []
        self.literals: dict[str, Any] = {}
        self.links: dict[str, Link] = {}
        self._around = around
        self._node = around.prompt.nodes[node_id]
        self._spec = around.registry[self._node.class_type]

    def run(self) -> NodeCheck:
        """Examine every input, then ask the node's own `check`."""
        spec = self._spec
        answered = named_inputs(spec.check, spec) if spec.check else ()
        for name, item in spec.inputs.items():
            if name in self._node.inputs:
                self._examine(item, bounded=name not in answered)
            elif item.required:
                self._report_missing(item)
        for name, value in self._node.inputs.items():
            if name not in spec.inputs and isinstance(value, Link):
                self._examine_undeclared(name, value)
        if spec.check and not any(problem.input_name in answered for problem in self.problems):
            self._ask(spec.check, answered)
        return self

    def _examine(self, item: InputSpec, bounded: bool) -> None:
        value = self._node.inputs[item.name]
        if isinstance(value, Link):
            self._examine_link(item, value)
            return
        problem = self._problem_at(item)
        if isinstance(value, BadLink):
            self.problems.append(bad_link(item.name, value.value, describe(item.field, self._around.scan), problem))
            return
        checked = check_literal(item, value, self._around.scan, bounded, problem)
        if isinstance(checked, Problem):
            self.problems.append(checked)
        else:
            self.literals[item.name] = checked

    def _examine_link(self, item: InputSpec, link: Link) -> None:
        source = self._source(item.name, link)
        if source is None or takes_types(self._spec):
            return
        scan = self._around.scan
        received, expected = source.outputs[link.slot].io_type(scan), item.field.io_type(scan)
        if fits(received, expected):
            return
        fitting = [slot for slot, output in enumerate(source.outputs) if fits(output.io_type(scan), expected)]
        problem = self._problem_at(item)(
            "return_type_mismatch",
            "Return type mismatch between linked nodes",
            f"{item.name}, received_type({received}) mismatch input_type({expected})",
            producer=f"output {link.slot} of {self._name(link.node_id)}",
            expected=describe(item.field, scan),
            remedy=f"Its output {fitting[0]} would fit." if fitting else "",
            extra_info={"received_type": received, "linked_node": list(link)},
        )
        self.problems.append(replace(problem, received=Words(f"a wire of type {received}")))

    def _source(self, name: str, link: Link) -> NodeSpec | None:
        """Return the class of the node that a link comes from; report a link that comes from nowhere."""
        node = self._around.prompt.nodes.get(link.node_id)
        if node is None:
            self._report_dangling(name, link, f"There is no node {link.node_id}", "a node of this graph")
            return None
        self.links[name] = link
        spec = self._around.registry.get(node.class_type)
        if spec is None or 0 <= link.slot < len(spec.outputs):
            return spec
        outputs = ", ".join(f"{slot} ({output.name})" for slot, output in enumerate(spec.outputs)) or "none"
        where = f"{self._name(link.node_id)} has no output {link.slot}"
        self._report_dangling(name, link, where[0].upper() + where[1:], f"one of its outputs: {outputs}")
        return None

    def _examine_undeclared(self, name: str, link: Link) -> None:
        self._source(name, link)
        if not self._spec.accepts_any:
            problem = self._problem_at(name)
            expected = f"one of {', '.join(self._spec.inputs) or 'no inputs at all'}"
            self.problems.append(
                problem("undeclared_input", "The node has no such input", name, received=list(link), expected=expected)
            )

    def _ask(self, check: Hook, answered: tuple[str, ...]) -> None:
        """Call the node's `check`; as in ComfyUI its complaint counts for every input that it was given."""
        spec = self._spec
        types = {name: self._type_of(link) for name, link in self.links.items() if name in spec.inputs}
        try:
            verdict = call_hook(check, spec, self.literals, self._around.folders, input_types=types)
        except Exception as error:  # noqa: BLE001 - a node's own code may raise anything, and it must be told
            self.problems.append(self._check_raised(error))
            return
        if verdict is True:
            return
        text = f" - {verdict}" if isinstance(verdict, str) else ""
        sentence = verdict if isinstance(verdict, str) else "The node refuses what it was given"
        for name in [name for name in answered if name in self._node.inputs] or [""]:
            problem = self._problem_at(spec.inputs.get(name, name))
            self.problems.append(
                problem(
                    "custom_validation_failed", "Custom validation failed for node", f"{name}{text}", sentence=sentence
                )
            )

    def _check_raised(self, error: Exception) -> Problem:
        frames = traceback.format_tb(error.__traceback__)
        info = {"exception_type": type(error).__name__, "traceback": frames}
        return self._problem_at("")(
            "exception_during_validation", "Exception when validating node", str(error), extra_info=info
        )

    def _type_of(self, link: Link) -> Any:
        source = self._around.registry.get(self._around.prompt.nodes[link.node_id].class_type)
        if source is None or not 0 <= link.slot < len(source.outputs):
            return None
        return source.outputs[link.slot].io_type(self._around.scan)

    def _report_missing(self, item: InputSpec) -> None:
        problem = self._problem_at(item.name)
        expected = describe(item.field, self._around.scan)
        self.problems.append(
            problem("required_input_missing", "Required input is missing", item.name, expected=expected)
        )

    def _report_dangling(self, name: str, link: Link, message: str, expected: str) -> None:
        item = self._spec.inputs.get(name, name)
        info = {"linked_node": list(link), "exception_message": message}
        self.problems.append(
            self._problem_at(item)(
                "exception_during_validation",
                message,
                name,
                received=list(link),
                expected=expected,
                remedy="Connect the input again.",
                extra_info=info,
            )
        )

    def _name(self, node_id: str) -> str:
        node = self._around.prompt.nodes[node_id]
        return named(node_id, node.title, node.class_type)

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
            node_id, title, class_type = self.node_id, self._node.title, self._node.class_type
            return Problem(code, message, details, node_id, title, class_type, name, **told)

        return problem
