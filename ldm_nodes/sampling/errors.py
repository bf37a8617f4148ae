"""What is wrong with a request to sample, said before the network runs."""

from __future__ import annotations


class SamplingError(ValueError):
    """An input of `sample` that cannot work.

    Attributes:
        input_name: The argument that is wrong.
        received: What came, in words.
        expected: What was expected, in words.
        remedy: What to do about it, in one sentence.
    """

    def __init__(self, input_name: str, received: str, expected: str, remedy: str) -> None:
        super().__init__(f"{input_name}: got {received}, expected {expected}. {remedy}")
        self.input_name = input_name
        self.received = received
        self.expected = expected
        self.remedy = remedy
