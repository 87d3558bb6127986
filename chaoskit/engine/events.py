"""The run's events: kept in order, and on disk as they happen."""

import json
from pathlib import Path
from threading import Lock
from typing import Any

from chaoskit.model.event import Event, Name
from chaoskit.protocols import Clock


class EventLog:
    """Appends events from any thread.

    Args:
        path: ``events.ndjson``.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self._lock, self._clock = Lock(), clock
        self._file = path.open("a", encoding="utf-8")
        self.seen: list[Event] = []

    def emit(self, event: Event) -> None:
        """Append ``event``."""
        with self._lock:
            self.seen.append(event)
            if not self._file.closed:
                self._file.write(json.dumps(event.as_json(), ensure_ascii=False) + "\n")
                self._file.flush()

    def say(self, name: Name, *, step: str | None = None, node: str | None = None, **detail: Any) -> Event:
        """Append an event of now; return it."""
        event = Event(t_ns=self._clock.now_ns(), event=name, step=step, node=node, detail=detail)
        self.emit(event)
        return event

    def close(self) -> None:
        """Close the file; idempotent."""
        self._file.close()
