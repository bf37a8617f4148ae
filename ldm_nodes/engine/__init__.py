"""How a graph of typed nodes runs: from JSON text to a plan, from a plan to values, every step told as an event.

Start with `spec.py` (what a node is), then follow a prompt: `prompt.py`, `validate.py`, `plan.py`, `executor.py`. The
editor's documents come before that: `workflow.py` reads them, `conversion.py` makes prompts of them.

Rule of this folder: the standard library and networkx only. The engine never learns what a tensor, a model or a picture
is, so importing it costs milliseconds; and nothing here walks a graph by recursion, because chains of 10,000 nodes are
ordinary input.
"""
