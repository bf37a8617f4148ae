"""`execution`: the names that packs take from the executor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...engine.blocker import ExecutionBlocker
from ...engine.errors import PromptRejected
from ...engine.plan import make_plan
from ...engine.prompt import Prompt
from .host import host


async def validate_prompt(
    prompt_id: str, prompt: Mapping[str, Any], partial_execution_list: Any = None
) -> tuple[bool, Any, list[str], dict[str, Any]]:
    """Say whether a prompt can run: (yes, error, outputs, errors by node)."""
    try:
        plan = make_plan(Prompt.parse(prompt), host().registry, host().folders)
    except PromptRejected as rejected:
        problems = {problem.node_id: str(problem) for problem in rejected.problems if problem.node_id}
        return False, {"type": "prompt_rejected", "message": str(rejected)}, [], problems
    return True, None, list(plan.targets), {}


__all__ = ["ExecutionBlocker", "validate_prompt"]
