"""Pixels and files: reading, saving, naming, metadata, watermarks, resizing, filters, compositing, masks, previews.

Start with `saving.py`: it turns an array into a file that is complete or absent, named by `naming.py` and described by
`metadata.py`; `reading.py` is the way back. `watermark.py` writes the invisible mark of Stable Diffusion. What nodes do
to pictures starts with `batches.py`, which brings two of them to one size, length and number of channels.

The rule of the folder: files, marks and palettes work on numpy arrays and never load torch; all else works on tensors
of any device, pictures being (B, H, W, C) where two meet and (B, C, H, W) where a window slides over one. Everything
read from a file is untrusted: every size has a limit.
"""
