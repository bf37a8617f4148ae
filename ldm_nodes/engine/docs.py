"""What a Google-style docstring says: the description, and a line for each argument."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SECTION = re.compile(r"^(Args|Attributes|Example|Examples|Note|Raises|Returns|Source|Yields):\s*$", re.MULTILINE)
_ARGUMENT = re.compile(r"^ {4}(\w+)(?: \([^)]*\))?:[ \n]", re.MULTILINE)


@dataclass(frozen=True)
class Docstring:
    """A docstring taken apart.

    Attributes:
        description: everything before the first section.
        arguments: argument name to its text, on one line.
    """

    description: str = ""
    arguments: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Docstring:
        r"""Take a cleaned docstring (`inspect.getdoc`) apart.

        Example:
            >>> Docstring.parse("Add.\n\nArgs:\n    a: the first\n        number.\n    b: the other.").arguments
            {'a': 'the first number.', 'b': 'the other.'}
        """
        description, *sections = _SECTION.split(text)
        bodies = dict(zip(sections[::2], sections[1::2], strict=True))
        _, *parts = _ARGUMENT.split(bodies.get("Args", ""))
        arguments = {name: " ".join(body.split()) for name, body in zip(parts[::2], parts[1::2], strict=True)}
        return cls(description.strip(), arguments)
