"""Servers as people see them: through a browser."""
