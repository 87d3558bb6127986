"""What every operation did: the one table from which all measurements come (reports/README.md)."""

from enum import StrEnum


class Outcome(StrEnum):
    """How an operation ended, as its client knows it.

    ``fail``: the server answered with an ERROR on a connection that survived, or nothing was sent.
    ``unknown``: everything that is neither that nor a success; never counted as lost.
    """

    OK = "ok"
    OK_WARNED = "ok_warned"
    FAIL = "fail"
    UNKNOWN = "unknown"


ACKNOWLEDGED = (Outcome.OK.value, Outcome.OK_WARNED.value)


class Kind(StrEnum):
    """Kinds of operations. Probes count in every finding but the four of a session.

    ``sql_write`` and ``sql_read`` are statements of a user's own: what they changed is in no audit, so they count in
    no finding; their outcomes and times are measured like those of any operation.
    """

    WRITE = "write"
    READ = "read"
    PROBE_WRITE = "probe_write"
    PROBE_READ = "probe_read"
    SQL_WRITE = "sql_write"
    SQL_READ = "sql_read"


WRITES = (Kind.WRITE.value, Kind.PROBE_WRITE.value)
READS = (Kind.READ.value, Kind.PROBE_READ.value)


class Connection(StrEnum):
    """Whether an operation paid for a new connection."""

    FRESH = "fresh"
    ESTABLISHED = "established"


# Column name -> (type, nullable), in file order. Types are Arrow's names.
HISTORY_COLUMNS: dict[str, tuple[str, bool]] = {
    "op": ("int64", False),
    "client": ("string", False),
    "session": ("string", False),
    "region": ("string", False),
    "host": ("string", False),
    "node": ("string", True),
    "pg_timeline": ("int64", True),
    "kind": ("string", False),
    "connection": ("string", True),
    "key": ("string", False),
    "value": ("string", True),
    "version": ("int64", True),
    "lsn": ("string", True),
    "scheduled_ns": ("int64", False),
    "invoked_ns": ("int64", False),
    "returned_ns": ("int64", True),
    "outcome": ("string", False),
    "error": ("string", True),
}

# One row per committed write that a node held when the audit read it.
FINAL_COLUMNS: dict[str, tuple[str, bool]] = {
    "audit": ("string", False),  # "before_failback" or "final"
    "node": ("string", False),
    "authoritative": ("bool", False),
    "key": ("string", False),
    "version": ("int64", False),
    "value": ("string", False),
    "pg_timeline": ("int64", True),
    "committed_ns": ("int64", True),  # since the run's epoch, from track_commit_timestamp
}
