"""A pack that needs what nobody has."""

import a_module_that_nobody_has  # type: ignore[import-not-found]

NODE_CLASS_MAPPINGS = {"Needy": a_module_that_nobody_has.Node}
