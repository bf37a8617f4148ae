"""Graphs in Python: built with typed calls, run in this process, written as source and read back.

Start with `graph.py` (what `ldm_nodes.Graph` is), then `session.py` (what `ldm_nodes.run` does). The rules of this
folder: nothing loads torch before a graph runs, and no file is ever executed: source is read as text.
"""
