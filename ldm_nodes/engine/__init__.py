"""How a graph of typed nodes runs: from JSON text to a plan, from a plan to values, every step told as an event.

Start with `spec.py` (what a node is), then follow a prompt: `prompt.py`, `validate.py`, `plan.py`, `executor.py`,
`run.py`. A run stands on `run_graph.py` (which nodes there are now), `frontier.py` (which is next), `mapping.py` (how
values meet a function) and `recall.py` (what need not run again). The editor's documents come before all that:
`workflow.py` reads them, `conversion.py` makes prompts of them.

Rule of this folder: the standard library and networkx only. The engine never learns what a tensor, a model or a picture
is, so importing it costs milliseconds; and nothing here walks a graph by recursion, because chains of 10,000 nodes are
ordinary input.
"""
