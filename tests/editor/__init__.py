"""The browser editor against the real server, in a real browser: one file per story of its users.

Start with `workbench.py`: what a user does, in words. The editor's own units are tested beside
their sources, in `web/src`.
"""
