"""Training: what a network is taught by, and the loop that teaches it.

Start with `diffusion.py` (the loss of a diffusion model) and `autoencoder.py` (the losses of its first stage). The
latter has two judges, `lpips.py` and `discriminator.py`.

Rule of the folder: a loss is a function of tensors; it downloads nothing, prints nothing and owns no optimizer.
Training knows models and samplers, never graphs, nodes or servers.
"""
