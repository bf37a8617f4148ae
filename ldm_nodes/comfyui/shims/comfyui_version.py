"""`comfyui_version`: the version whose contract this is."""

__version__ = "0.3.64"
