"""Latent diffusion as a graph of typed nodes.

Start with `cli.py` for what a user can do, `engine/__init__.py` for how a graph runs, `nodes/__init__.py` for the
catalogue of nodes and `models/latent_diffusion.py` for the mathematics under them. Importing this package does nothing.
"""

__version__ = "0.1.0"
