"""What is true of the queue as a whole: whether it is paused, which number comes next."""

from __future__ import annotations

import sqlite3

from .database import Transaction

PAUSED = "paused"
NUMBER = "next_number"


def fact(connection: sqlite3.Connection | Transaction, name: str) -> str | int | None:
    """Return a fact about the queue as a whole."""
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
    return row["value"] if row else None


def set_fact(transaction: Transaction, name: str, value: str | int) -> None:
    """Write a fact about the queue as a whole down."""
    transaction.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))


def next_number(transaction: Transaction) -> int:
    """Count one on."""
    number = int(fact(transaction, NUMBER) or 0)
    set_fact(transaction, NUMBER, number + 1)
    return number
