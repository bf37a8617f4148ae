"""Stand-ins for what is too large for a test."""
