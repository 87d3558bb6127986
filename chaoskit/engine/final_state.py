"""``final.parquet``: every committed write that each node held when the audit read it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from chaoskit.engine.audit import AuditResult
from chaoskit.model.history import FINAL_COLUMNS

SCHEMA = pa.schema(
    [pa.field(name, pa.type_for_alias(kind), nullable) for name, (kind, nullable) in FINAL_COLUMNS.items()]
)


def write(audit: AuditResult, path: Path, *, epoch_wall_ns: int) -> None:
    """Write the readings; ``epoch_wall_ns`` turns servers' commit times into ns since the run's epoch."""
    tables = []
    for reading in audit.readings:
        keys, versions, values, committed = zip(*reading.rows, strict=True) if reading.rows else ((), (), (), ())
        rows = len(keys)
        columns = {
            "audit": [reading.audit] * rows,
            "node": [reading.node] * rows,
            "authoritative": [reading.node == audit.authoritative] * rows,
            "key": keys,
            "version": [int(version or 0) for version in versions],
            "value": values,
            "pg_timeline": [None] * rows,  # a server does not remember on which timeline it committed
            "committed_ns": [None if us is None else int(us) * 1000 - epoch_wall_ns for us in committed],
        }
        tables.append(pa.table(columns, schema=SCHEMA))
    pq.write_table(pa.concat_tables(tables) if tables else SCHEMA.empty_table(), path)
