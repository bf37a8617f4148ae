"""ComfyUI's Python contract, both ways."""
