"""What is looked at once a second while a run goes on: replication lag and CPU. One line each in ``samples.ndjson``."""

import json
from collections.abc import Mapping
from pathlib import Path

from chaoskit.protocols import Clock, Metered, Stack


class Samples:
    """Appends samples from one thread.

    Args:
        path: ``samples.ndjson``.
        stack: Asked for CPU where it can tell.
    """

    def __init__(self, path: Path, stack: Stack, clock: Clock) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._meter = stack if isinstance(stack, Metered) else None
        self._clock = clock

    def take(self, lag_bytes: Mapping[str, int]) -> None:
        """Append a sample of now; ``lag_bytes`` as the primary says it, empty where it does not answer."""
        row = {"t_ns": self._clock.now_ns(), "lag_bytes": dict(lag_bytes)}
        if self._meter is not None:
            row["cpu_s"] = {node: round(used_s, 2) for node, used_s in self._meter.cpu_s().items()}
        self._file.write(json.dumps(row, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the file; idempotent."""
        self._file.close()
