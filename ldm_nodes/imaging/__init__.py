"""Pixels and files: reading, saving, naming, metadata, watermarks, resizing, masks and previews.

Start with `saving.py`: it turns an array into a file that is complete or absent, named by `naming.py` and described by
`metadata.py`; `reading.py` is the way back. `watermark.py` writes the invisible mark of Stable Diffusion.

The rule of the folder: files and marks work on numpy arrays and never load torch; `resize.py`, `mask.py` and
`preview.py` work on tensors of any device. Everything read from a file is untrusted: every size has a limit.
"""
