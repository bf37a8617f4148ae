"""`comfy`: start with `utils.py`; every module stands where packs look for it."""
