"""What all tests share: torch computes on one thread.

The golden numbers were computed so, and sums split over threads differ in their last digits; beside that, tests that
run side by side then do not fight for cores.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import torch

torch.set_num_threads(1)
