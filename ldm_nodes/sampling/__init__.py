"""Noise schedules, samplers and guidance: how a trained network turns noise into a latent.

Start with `denoiser.py` (what a sampler asks of a network), then `euler.py` (the smallest sampler) and `sample.py`
(what the KSampler nodes call). One sampler is one function over a `Denoiser` or a `NoisePredictor`; `tables.py` gives
it a name.

Rule of the folder: torch and numpy only, no graphs, no models, no pictures. Noise is always drawn on the CPU.
"""
