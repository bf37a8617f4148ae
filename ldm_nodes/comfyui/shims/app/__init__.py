"""`app`: the few parts of ComfyUI's server that packs reach into."""
