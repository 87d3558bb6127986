"""The run's events: kept in order, and on disk as they happen."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from chaoskit.model.event import Event, Name
from chaoskit.protocols import Clock

Ear = Callable[[Event], None]
"""Hears events, one at a time; it must be quick and emit nothing."""


class EventLog:
    """Appends events from any thread.

    Args:
        path: ``events.ndjson``.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._lock, self._clock = Lock(), clock
        self._file = path.open("a", encoding="utf-8")
        self.seen: list[Event] = []
        self._ears: list[Ear] = []

    def emit(self, event: Event) -> None:
        """Append ``event``, and tell whoever listens."""
        with self._lock:
            self.seen.append(event)
            if not self._file.closed:
                self._file.write(json.dumps(event.as_json(), ensure_ascii=False) + "\n")
                self._file.flush()
            for ear in self._ears:
                ear(event)

    @contextmanager
    def heard(self, ear: Ear) -> Iterator[None]:
        """Call ``ear`` with every event, past and to come."""
        with self._lock:
            for event in self.seen:
                ear(event)
            self._ears.append(ear)
        try:
            yield
        finally:
            with self._lock:
                self._ears.remove(ear)

    def say(self, name: Name, *, step: str | None = None, node: str | None = None, **detail: Any) -> Event:
        """Append an event of now; return it."""
        event = Event(t_ns=self._clock.now_ns(), event=name, step=step, node=node, detail=detail)
        self.emit(event)
        return event

    def close(self) -> None:
        """Close the file; idempotent."""
        self._file.close()
