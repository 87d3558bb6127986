"""Draws that are repeatable: the same seed text gives the same number, on every machine and version of Python."""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


def below(bound: int, seed: str) -> int:
    """Return a whole number in [0, ``bound``)."""
    return int.from_bytes(sha256(seed.encode()).digest(), "big") % bound


def one_of(items: Sequence[T], seed: str) -> T:
    """Return one of ``items``, which must not be empty."""
    return items[below(len(items), seed)]
