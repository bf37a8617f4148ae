"""One graph with many values: a batch becomes one job per item, each with a state of its own."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from .errors import BadJob
from .job import Job, new_id
from .state import State

Mode = Literal["map", "zip", "product"]
Item = Mapping[str, Any]
MAX_ITEMS = 10_000


class BatchItem(NamedTuple):
    """How one item of a batch stands; of an item that was retried, the last try."""

    item: int
    job_id: str
    state: State


@dataclass(frozen=True)
class Batch:
    """What varies. Inputs are named `NODE.INPUT`, as `3.seed`.

    Attributes:
        items: for each job the inputs that it replaces.
    """

    items: tuple[Item, ...]

    @classmethod
    def mapped(cls, items: Sequence[Item]) -> Batch:
        """Make a job of every item; each says itself which inputs it replaces."""
        return cls(_checked(items))

    @classmethod
    def zipped(cls, inputs: Mapping[str, Sequence[Any]]) -> Batch:
        """Make a job of every position in the lists, which are all of one length.

        Raises:
            BadJob: they are not.
        """
        lengths = {name: len(values) for name, values in inputs.items()}
        if len(set(lengths.values())) > 1:
            raise BadJob(f"Zipped inputs must have equally many values; received {_listed(lengths)}.")
        return cls(_checked(dict(zip(inputs, row, strict=True)) for row in zip(*inputs.values(), strict=True)))

    @classmethod
    def product(cls, inputs: Mapping[str, Sequence[Any]]) -> Batch:
        """Make a job of every combination; the last input varies fastest."""
        return cls(_checked(dict(zip(inputs, row, strict=True)) for row in itertools.product(*inputs.values())))

    @classmethod
    def parse(cls, mode: str, inputs: Any) -> Batch:
        """Read a batch as clients send it: a list of objects for `map`, an object of lists for `zip` and `product`.

        Raises:
            BadJob: it is something else.
        """
        if mode == "map" and isinstance(inputs, list) and all(isinstance(item, dict) for item in inputs):
            return cls.mapped(inputs)
        lists = isinstance(inputs, dict) and all(isinstance(values, list) for values in inputs.values())
        if mode == "zip" and lists:
            return cls.zipped(inputs)
        if mode == "product" and lists:
            return cls.product(inputs)
        raise BadJob(
            "A batch is `map` with a list of objects, or `zip` or `product` with an object of lists, as in "
            f'{{"3.seed": [1, 2]}}; received mode {str(mode)[:20]!r} with inputs of type {type(inputs).__name__}.'
        )

    def jobs(self, base: Job, numbers: Iterable[float]) -> tuple[Job, ...]:
        """Return the jobs of the batch.

        Args:
            base: what they have in common; its prompt is the graph whose inputs are replaced.
            numbers: ComfyUI's numbers for them.

        Raises:
            BadJob: an item names an input that the graph does not have.
        """
        batch_id = base.batch_id or new_id()
        return tuple(
            replace(base, id=new_id(), batch_id=batch_id, item=index, number=number, prompt=_applied(base.prompt, item))
            for index, (item, number) in enumerate(zip(self.items, numbers, strict=False))
        )


def _checked(items: Iterable[Item]) -> tuple[Item, ...]:
    found = tuple(itertools.islice(items, MAX_ITEMS + 1))
    if not 1 <= len(found) <= MAX_ITEMS:
        raise BadJob(f"A batch has 1 to {MAX_ITEMS} items; received {'more' if found else 'none'}.")
    return found


def _applied(prompt: str, item: Item) -> str:
    graph = json.loads(prompt)
    for name, value in item.items():
        node_id, _, input_name = name.rpartition(".")
        inputs = graph[node_id].get("inputs", {}) if node_id in graph else {}
        if input_name not in inputs:
            raise BadJob(f"The batch replaces {name!r}, which the graph does not have. Inputs are named as 3.seed.")
        inputs[input_name] = value
    return json.dumps(graph)


def _listed(lengths: Mapping[str, int]) -> str:
    return ", ".join(f"{count} for {name}" for name, count in lengths.items())
