"""What `POST /prompt` and `POST /jobs` ask for: a request's body becomes a checked job, or a reasoned refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.catalogue import Installed
from ..engine.documents import read_document
from ..engine.errors import PromptRejected, shown
from ..engine.foresight import look_ahead
from ..engine.plan import Plan, make_plan
from ..engine.prompt import Prompt
from ..engine.rejection import no_prompt, node_errors, rejection_json
from ..engine.workflow import Workflow
from ..jobs.errors import BadJob
from ..jobs.job import Job, new_id
from ..jobs.json_value import dump_in_parts
from ..settings import Folders
from .site import Site

Body = Mapping[str, Any]


class Refused(Exception):
    """A graph of which nothing can run; `answer` is what the client is told."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__(answer)
        self.answer = answer


@dataclass(frozen=True)
class Order:
    """A job that can run.

    Attributes:
        job: the job.
        number: ComfyUI's number, as it is answered: whole where the server counted, else as sent.
        node_errors: what of the graph does not run.
    """

    job: Job
    number: float
    node_errors: Mapping[str, Any]


def order_of(body: Body, site: Site, user: str | None) -> Order:
    """Check what a request asks for. Takes a graph's and the disk's time: call it in a thread.

    Raises:
        Refused: nothing of the graph can run.
        BadJob: something beside the graph is wrong.
    """
    _check_room(site)
    number = _number(body, site)
    foreseen = site.foresees()
    document, plan = _planned(body, site, site.folders.of_user(user or ""), foreseen)
    extra = _extra(body, document)
    job = Job(
        dump_in_parts(plan.to_json(), 1),
        id=str(body.get("prompt_id") or new_id()),
        number=float(number),
        targets=plan.targets,
        priority=_priority(body),
        client_id=str(extra.pop("client_id", "") or ""),
        owner=user or "",
        extra_data=extra,
        foreseen=foreseen,
    )
    return Order(job, number, node_errors(plan.problems, plan.invalid_targets, plan.prompt))


def _check_room(site: Site) -> None:
    if site.desk.store.remaining() >= site.limits.jobs:
        raise BadJob(f"{site.limits.jobs:,} graphs wait already; this server takes no more of them.")


def _planned(body: Body, site: Site, folders: Folders, foreseen: bool) -> tuple[Prompt | Workflow, Plan]:
    """Return what the client sent, and the plan for it; where `foreseen`, after a look at the files that it names."""
    prompt = None
    try:
        if "prompt" not in body:
            raise no_prompt()
        document = read_document(body["prompt"])
        prompt = _as_prompt(document, site, folders)
        _check_size(prompt, site)
        plan = make_plan(prompt, site.registry, folders, _targets(body, prompt, site))
        return document, look_ahead(plan, site.registry).plan if foreseen else plan
    except PromptRejected as rejected:
        raise Refused(rejection_json(rejected, prompt)) from rejected


def _as_prompt(document: Prompt | Workflow, site: Site, folders: Folders) -> Prompt:
    if isinstance(document, Prompt):
        return document
    return document.to_prompt(Installed(site.registry, folders)).checked()


def _check_size(prompt: Prompt, site: Site) -> None:
    if len(prompt.nodes) > site.limits.nodes:
        raise BadJob(f"The graph has {len(prompt.nodes):,} nodes; this server takes at most {site.limits.nodes:,}.")
    inputs = sum(len(node.inputs) for node in prompt.nodes.values())
    if inputs > site.limits.inputs:
        raise BadJob(f"The graph has {inputs:,} inputs; this server takes at most {site.limits.inputs:,}.")


def _targets(body: Body, prompt: Prompt, site: Site) -> list[str] | None:
    """Return the nodes that the client picked, None for all outputs: any by `targets`, outputs by ComfyUI's name."""
    if body.get("targets") is not None:
        return _picked(body, "targets", prompt)
    if body.get("partial_execution_targets") is None:
        return None
    picked = _picked(body, "partial_execution_targets", prompt)
    return [node_id for node_id in picked if _is_output(prompt.nodes[node_id].class_type, site)]


def _picked(body: Body, name: str, prompt: Prompt) -> list[str]:
    wanted = body[name]
    if not isinstance(wanted, list):
        raise BadJob(f"'{name}' must be a list of node ids.")
    return [node_id for node_id in prompt.nodes if node_id in set(map(str, wanted))]


def _is_output(class_type: str, site: Site) -> bool:
    spec = site.registry.get(class_type)
    return spec is not None and spec.output_node


def _number(body: Body, site: Site) -> float:
    """Return the place in the queue. As in ComfyUI the count goes on with every request that names none."""
    if body.get("number") is not None:
        try:
            return float(body["number"])
        except (TypeError, ValueError, OverflowError) as error:
            raise BadJob(f"'number' must be a number; received {shown(body['number'])}.") from error
    count = site.desk.store.next_number()
    return -count if body.get("front") else count


def _priority(body: Body) -> int:
    priority = body.get("priority", 0)
    if not isinstance(priority, int):
        raise BadJob("'priority' must be a whole number; the highest runs first.")
    return priority


def _extra(body: Body, document: Prompt | Workflow) -> dict[str, Any]:
    """Return what is kept with the job; of a graph in the editor's format the graph itself, for pictures to carry."""
    given = body.get("extra_data") or {}
    if not isinstance(given, dict):
        raise BadJob("'extra_data' must be an object.")
    extra = dict(given)
    if "client_id" in body:
        extra["client_id"] = body["client_id"]
    if isinstance(document, Workflow):
        carried = extra.get("extra_pnginfo")
        known = carried if isinstance(carried, dict) else {}
        extra["extra_pnginfo"] = {"workflow": document.to_json(), **known}
    return extra
