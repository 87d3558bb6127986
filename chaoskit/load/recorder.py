"""The recorder: rows in memory, flushed as Arrow batches to a stream that survives the death of its process."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from chaoskit.model.history import HISTORY_COLUMNS

FLUSH_NS = 250_000_000


class Recorder:
    """Writes one Arrow IPC stream; not thread-safe.

    What was flushed outlives a SIGKILL. The end marker, written by ``close`` alone, says that nothing is missing.

    Args:
        path: The stream's file; replaced if it exists.
        columns: Name -> (Arrow type, nullable), in the order of the rows' fields.
    """

    def __init__(self, path: Path, columns: Mapping[str, tuple[str, bool]] = HISTORY_COLUMNS) -> None:
        self._schema = schema(columns)
        self._rows: list[Sequence[Any]] = []
        self._sink = pa.OSFile(str(path), "wb")
        self._writer = pa.ipc.new_stream(self._sink, self._schema)
        self.closed = False
        self._write([()] * len(self._schema))  # the first conversion imports pandas: pay for it now

    def append(self, row: Sequence[Any]) -> None:
        """Keep a row for the next flush; ignored once closed."""
        if not self.closed:
            self._rows.append(row)

    def flush(self) -> None:
        """Hand what was appended to the operating system."""
        if self._rows and not self.closed:
            rows, self._rows = self._rows, []
            self._write(list(zip(*rows, strict=True)))

    def close(self) -> None:
        """Flush and write the end marker; idempotent."""
        if self.closed:
            return
        self.flush()
        self.closed = True
        self._writer.close()
        self._sink.close()

    def _write(self, columns: Sequence[Sequence[Any]]) -> None:
        arrays = [pa.array(column, type=field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=self._schema))


def schema(columns: Mapping[str, tuple[str, bool]]) -> pa.Schema:
    """The Arrow schema of ``columns``."""
    return pa.schema([pa.field(name, pa.type_for_alias(kind), nullable) for name, (kind, nullable) in columns.items()])
