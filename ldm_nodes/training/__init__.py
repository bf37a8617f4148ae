"""Training: what a network is taught by, and the loop that teaches it.

Start with `loop.py`: one page that trains everything. What it trains is a task (`task.py`): an autoencoder with its
discriminator, or latent diffusion. Their losses are `autoencoder.py`, whose judges are `lpips.py` and
`discriminator.py`, and `diffusion.py`. Around the loop, `run.py` makes a run out of a configuration (`config.py`) and
goes on with one that was stopped (`state.py`).

Rule of the folder: a loss is a function of tensors; it downloads nothing, prints nothing and owns no optimizer. Every
random number depends on the seed and on where it is used, never on what was drawn before. Training knows models and
samplers, never graphs, nodes or servers.
"""
