"""Node packs: how they are found, looked through, loaded under a guard, and what became of each.

Start with `loader.py`. The rule of this folder: whatever a pack does, the others and the server go on, and the user is
told what happened, to which pack, and what to do.
"""
