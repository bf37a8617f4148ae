"""Models from the network: asked for in a few words, fetched so that nothing but the asked file can come of it.

Start with `download.py`, one page that does it all: where is it (`source.py`, `hub.py`), where shall it lie
(`target.py`), fetch it (`transfer.py`) into a `partial.py` that a killed process leaves for the next one, look at it,
give it its name. `backend.py` is the same as a job of the queue.

Rule of this folder: no connection is made but through `gate.py`, which decides over every address and every redirect.
Nobody's text names a path, a host or an address without being checked. What is in a file is told by a function that the
caller brings, so that no torch is loaded here.
"""
