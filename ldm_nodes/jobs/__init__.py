"""What is to be run, what runs and what has run: a queue that survives `kill -9`, and the worker behind it.

Start with `job.py` (what is asked for) and `state.py` (what becomes of it), then follow a job: `store.py` keeps it,
`dispatcher.py` takes it, a `backend.py` runs it (`local.py`: a thread of this process), `recorder.py` keeps what it
tells. `desk.py` puts the parts together; a server needs that one file.

Rule of this folder: it knows the engine and the settings, never torch, nodes or the web. Every change is on the disk
before anyone hears of it, and changes are heard in the order in which they were made. All of it may be called from any
thread; calls take the disk's time, so an event loop makes them in a thread of its own.
"""
