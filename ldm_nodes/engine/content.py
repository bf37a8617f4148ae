"""Keys by content: two nodes that do equal work on equal values share a result, however the values came about.

A cache key (`keys.py`) covers how every input came about, so it is known before anything runs, but it changes with
anything upstream. Once its inputs are there, a node has a second key, made of its own constants and the *identities* of
the values on its wires. The identity of a cheap value is a hash of its bytes; of any other, the key of the node that
made it. So a change upstream that leaves the bytes as they were stops where it is noticed (early cut-off).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

Leaf = Callable[[Any], bytes | None]
"""Hashes what is neither a constant nor a container, or returns None for what has no cheap hash."""
MOST_ITEMS = 10_000
"""A value of more items is not cheap; neither is one that contains itself."""
LARGEST = 16 << 20
"""Bytes of a result beyond which it is not hashed: hashing runs at about a gigabyte a second."""


def no_leaf(value: Any) -> None:
    """Hash no leaf at all."""


def digest(value: Any, leaf: Leaf = no_leaf) -> bytes | None:
    """Return a hash that two values share only if they are equal in type, order and every bit.

    Args:
        value: constants, lists, tuples and tables, nested as deep as may be.
        leaf: hashes tensors and the like.

    Returns:
        16 bytes, or None for a value that cannot be hashed, or not cheaply.
    """
    if (head := _plain(value)) is not None:
        return _hashed(head)
    text = hashlib.blake2b(digest_size=16)
    pending = [value]
    for _ in range(MOST_ITEMS):
        if not pending:
            return text.digest()
        item = pending.pop()
        if (head := _head(item, pending)) is None and (head := _framed(b"x", leaf(item))) is None:
            return None
        text.update(head)
    return None


def slot_identities(
    outputs: Iterable[tuple[Any, ...]], key: bytes | None, leaf: Leaf | None
) -> tuple[bytes | None, ...]:
    """Return the identity of the values of every output of a node.

    Args:
        outputs: the values of every output.
        key: the key of what the node did, for values without a cheap hash; None if there is no such key.
        leaf: as `digest` takes it; None if nothing is to be hashed because the whole is too large.
    """
    return tuple(
        [
            (None if leaf is None else _values_digest(values, leaf)) or made_by(key, slot)
            for slot, values in enumerate(outputs)
        ]
    )


def text_identity(text: str) -> bytes:
    """Return what a constant text shares with an equal text that comes over a wire.

    Other constants share nothing with wires: as in ComfyUI they do not tell 1 from 1.0 and True, and wires do.
    """
    return _hashed(_plain(text) or b"")


def combined(own: str, identities: Iterable[tuple[str, bytes]]) -> bytes:
    """Return the key of a node's work on these values.

    Args:
        own: its class, version, fingerprint and constants, as text.
        identities: the values that it works on, by the names of its inputs.
    """
    text = f"{own}{sorted(identities)!r}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16, person=b"content").digest()


def _values_digest(values: tuple[Any, ...], leaf: Leaf) -> bytes | None:
    """Hash what is on a wire: one value as itself, so that it equals a constant, several as what they are."""
    return digest(values[0], leaf) if len(values) == 1 else digest(("values", *values), leaf)


def made_by(key: bytes | None, slot: int) -> bytes | None:
    """Return the identity of an output of a node whose work has this key; None where it has none."""
    if key is None:
        return None
    return hashlib.blake2b(key + slot.to_bytes(4, "little"), digest_size=16, person=b"made by").digest()


def _head(item: Any, pending: list[Any]) -> bytes | None:
    """Return an item as bytes that end where they end, its members left to come; None for what is no plain value."""
    if (head := _plain(item)) is not None:
        return head
    kind = type(item)
    if kind is list or kind is tuple:
        pending.extend(reversed(item))
        return b"%b%d:" % (kind.__name__.encode(), len(item))
    if kind is dict:
        pending.extend(part for pair in reversed(item.items()) for part in reversed(pair))
        return b"dict%d:" % len(item)
    return None


def _plain(item: Any) -> bytes | None:
    """Return a constant as bytes that end where they end, or None for anything else."""
    kind = type(item)
    if kind is str:
        return _framed(b"s", item.encode("utf-8", "surrogatepass"))
    if kind is int or kind is float or kind is bool or item is None:
        text = hex(item) if kind is int else repr(item)  # the decimals of a long number take long, or are refused
        return _framed(kind.__name__.encode(), text.encode())
    return _framed(b"b", item) if kind is bytes else None


def _hashed(head: bytes) -> bytes:
    return hashlib.blake2b(head, digest_size=16).digest()


def _framed(tag: bytes, data: bytes | None) -> bytes | None:
    return None if data is None else b"%b%d:%b" % (tag, len(data), data)
