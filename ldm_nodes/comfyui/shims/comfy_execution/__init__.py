"""`comfy_execution`: blockers, graph builders and the graph as it runs."""
