"""The networks of latent diffusion, their configurations, their checkpoints.

Start with `config.py` (what a model is made of), then `unet.py` and `autoencoder.py` (the networks themselves).
Parameters carry the names of the original research code (CompVis latent-diffusion, Stability-AI's extensions), so that
its checkpoints load key for key.

Rule of the folder: models know nothing of graphs or nodes; every foreign name ends in `key_maps.py`, every untrusted
byte in `checkpoint.py`.
"""
