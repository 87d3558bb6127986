"""Joins the streams of a run's processes into its history."""

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from chaoskit.load.recorder import schema
from chaoskit.model.history import HISTORY_COLUMNS

END_MARKER = b"\xff\xff\xff\xff\x00\x00\x00\x00"


def read_streams(paths: Iterable[Path]) -> tuple[pa.Table, list[str]]:
    """Join streams into one table.

    Args:
        paths: Arrow stream files of HISTORY_COLUMNS; a torn tail is tolerated, a missing file is an empty torn one.

    Returns:
        The rows sorted by ``invoked_ns``, with ``op`` counting from 0 in that order, and the names (stems) of the
        streams without end marker, whose processes may have done more than they recorded.
    """
    batches: list[pa.RecordBatch] = []
    incomplete: list[str] = []
    for path in sorted(paths):
        found, complete = read_stream(path)
        batches += found
        if not complete:
            incomplete.append(path.stem)
    table = pa.Table.from_batches(batches, schema=schema(HISTORY_COLUMNS))
    table = table.sort_by([(name, "ascending") for name in ("invoked_ns", "client", "session")])
    op = pa.array(range(len(table)), type=pa.int64())
    return table.set_column(0, table.schema.field("op"), op).combine_chunks(), incomplete


def read_stream(path: Path) -> tuple[list[pa.RecordBatch], bool]:
    """Every whole batch of a stream, and whether its end marker follows them."""
    batches: list[pa.RecordBatch] = []
    try:
        with pa.OSFile(str(path), "rb") as source:
            reader = pa.ipc.open_stream(source)
            end = source.tell()
            while (batch := _next(reader)) is not None:
                batches.append(batch)
                end = source.tell()
            source.seek(end)
            return batches, source.read(len(END_MARKER)) == END_MARKER
    except (OSError, pa.ArrowInvalid):
        return batches, False


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write the history's one file."""
    pq.write_table(table, str(path), compression="zstd")


def _next(reader: pa.RecordBatchReader) -> pa.RecordBatch | None:
    try:
        return reader.read_next_batch()
    except StopIteration:
        return None
