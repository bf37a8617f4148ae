"""What a node may ask for and tell while it runs."""

from __future__ import annotations

import threading

import pytest

from ldm_nodes.engine.context import CancelToken, Context
from ldm_nodes.engine.errors import Cancelled
from ldm_nodes.engine.events import Event, Notice, Preview, Progress


def test_a_context_tells() -> None:
    events: list[Event] = []
    context = Context("runtime", node_id="3", run_id="r", emit=events.append)
    context.progress(1, 4)
    context.progress(2, 4, preview="picture")
    context.notice("careful")
    assert events == [
        Progress("r", "3", 1, 4),
        Progress("r", "3", 2, 4),
        Preview("r", "3", "picture"),
        Notice("r", "3", "careful"),
    ]


def test_a_bare_context_serves_a_call_without_a_graph() -> None:
    context = Context(5)
    context.progress(1, 2, preview=object())
    context.check_cancelled()
    assert (context.runtime, context.prompt, context.extra_pnginfo, context.node_id) == (5, {}, None, "")


def test_progress_hears_a_wish_from_another_thread() -> None:
    token = CancelToken()
    context = Context(None, token=token)
    context.progress(1, 2)
    thread = threading.Thread(target=token.cancel)
    thread.start()
    thread.join()
    assert token.cancelled
    with pytest.raises(Cancelled, match="The run was cancelled"):
        context.progress(2, 2)
