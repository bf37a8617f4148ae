"""Sampling: noise schedules, samplers, guidance. Pure functions of tensors; no network, no graph.

Start with `noise_schedule.py`, then `ddim.py` (the research samplers) or `denoiser.py` and `euler.py` (sigma space).
The rule of the folder: a sampler knows a callable that predicts noise (or the clean picture) and a source of noise,
and nothing else. Only torch and numpy are imported at the top of a module.
"""
