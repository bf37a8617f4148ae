"""`comfy.k_diffusion`: sigma-space samplers as functions. Start with `sampling.py`."""
