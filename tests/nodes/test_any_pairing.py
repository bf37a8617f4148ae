"""Every network with every encoder and autoencoder: it runs, or it is refused in words, beforehand and by the node.

No choice of files may end in an error of torch.
"""

from __future__ import annotations

from itertools import cycle, product
from typing import Any

import pytest

from ldm_nodes.engine.errors import NodeFailed, PromptRejected
from ldm_nodes.engine.executor import Executor
from ldm_nodes.engine.foresight import look_ahead
from ldm_nodes.engine.plan import Plan, make_plan
from ldm_nodes.engine.prompt import Prompt
from ldm_nodes.nodes.runtime import Runtime
from tests.fakes.checkpoints import CONFIGS
from tests.nodes.pairings import classes, encoded, masked, painting

TEXTS = ("sd1", "sd2", "sdxl", "ldm-text", "ldm-class", "ldm-unconditional")
VAES = ("sd1", "ldm-class", "ldm-retrieval", "sd1-without-vae")
STARTS: tuple[dict[str, Any], ...] = ({}, encoded(), masked())


def _refused_ahead(executor: Executor[Runtime], plan: Plan) -> str:
    try:
        look_ahead(plan, executor.registry)
    except PromptRejected as refusal:
        return str(refusal)
    return ""


def _refused_by_a_node(executor: Executor[Runtime], plan: Plan) -> str:
    try:
        executor.run(plan)
    except NodeFailed as failure:
        return str(failure)
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("model", CONFIGS)
def test_any_parts_run_or_are_refused_in_the_same_words(parts: Executor[Runtime], model: str) -> None:
    fates = set()
    for (text, vae), start in zip(product(TEXTS, VAES), cycle(STARTS), strict=False):
        prompts = classes() if text == "ldm-class" else {}
        graph = painting(model, text, vae, **{**start, **prompts})
        plan = make_plan(Prompt.parse(graph), parts.registry, parts.runtime.folders, ["picture"])
        ahead = _refused_ahead(parts, plan).splitlines()
        met = _refused_by_a_node(parts, plan)
        assert met in ahead if ahead else not met, (text, vae, start)
        fates.add(bool(met))
    assert True in fates
