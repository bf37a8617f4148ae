"""`comfy_api`: the newer way of writing nodes. Start with `latest/_io.py`."""
