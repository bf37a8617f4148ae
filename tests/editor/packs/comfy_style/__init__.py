"""A pack as they are written for ComfyUI, whose script hooks into its editor."""

WEB_DIRECTORY = "./js"
NODE_CLASS_MAPPINGS: dict[str, type] = {}
