"""How fast and how large, side by side with diffusers on the same weights: `python -m tests.benchmarks`.

Start with `__main__.py`. Every contestant lives in a process of its own (`worker.py`), so that its peak memory is its
own; the processes take turns, so that a busy machine slows both alike. As a test, only the answers are compared.

`python -m tests.benchmarks.training` compares steps of training in the same way (`training.py`).
"""
