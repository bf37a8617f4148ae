"""A pack whose script fails while it loads."""

WEB_DIRECTORY = "./js"
