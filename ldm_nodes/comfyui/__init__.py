"""ComfyUI's Python contract, both ways: its node packs run here, and our nodes run there.

Start with `foreign.py`, which makes a node of ours of a class of theirs, `adapter.py` and `guest.py`, which do the
opposite, and `packs/`, which finds and loads packs.
`shims/` holds the modules that packs import. The rule of this folder: nothing here is imported, and nothing stands in
`sys.modules` under ComfyUI's names, before a pack is loaded.
"""
