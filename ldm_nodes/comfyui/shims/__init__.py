"""The modules that packs written for ComfyUI import, each a thin layer over ours under the same path.

`comfy.utils` is `comfy/utils.py` here, `folder_paths` is `folder_paths.py`. Start with `install.py`. The rules of this
folder: no module does anything but translate; what a pack needs of the running program comes from `host.py`; torch is
imported where it is used, as packs do themselves.
"""
