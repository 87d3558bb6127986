"""Proofs and jitter take turns: what changes while it is measured cannot be measured."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


class Stillness:
    """Kept while a proof pings; whoever varies a delay leaves it as it is meanwhile. Thread-safe."""

    def __init__(self) -> None:
        self._lock, self._keepers = Lock(), 0

    @property
    def kept(self) -> bool:
        """Whether somebody measures now."""
        return self._keepers > 0

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Measure: nothing varies of itself meanwhile."""
        with self._lock:
            self._keepers += 1
        try:
            yield
        finally:
            with self._lock:
                self._keepers -= 1
