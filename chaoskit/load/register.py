"""The ``register`` workload: each write gives a key its next version and leaves a row that nothing ever overwrites."""

from collections.abc import Sequence
from typing import NamedTuple

from chaoskit.sql import Reply, Statement

SCHEMA_SQL: tuple[str, ...] = (
    "CREATE TABLE register (key text PRIMARY KEY, version bigint NOT NULL, value text NOT NULL)",
    "CREATE TABLE register_writes (key text NOT NULL, version bigint NOT NULL, value text NOT NULL)",
)
"""Run once on the primary before the load starts."""

AUDIT_SQL = (
    "SELECT key, version, value, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint"
    " FROM register_writes ORDER BY key, version"
)
"""Every committed write that a node holds, with its commit time in microseconds of wall time."""

# One statement, so that the version, its row and the answer belong to one commit. The row lock of the upsert makes
# versions of a key consecutive in commit order.
_WRITE = b"""
WITH bumped AS (
    INSERT INTO register AS r (key, version, value) VALUES ($1, 1, $2)
    ON CONFLICT (key) DO UPDATE SET version = r.version + 1, value = excluded.value
    RETURNING r.key, r.version, r.value
), kept AS (
    INSERT INTO register_writes (key, version, value) SELECT key, version, value FROM bumped
)
SELECT version, current_setting('cluster_name'), left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) FROM bumped
"""

# pg_walfile_name fails in recovery: only the branch that applies is evaluated.
_READ = b"""
SELECT r.value, coalesce(r.version, 0), current_setting('cluster_name'),
    CASE WHEN pg_is_in_recovery() THEN (SELECT to_hex(received_tli) FROM pg_stat_wal_receiver)
         ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END
FROM (SELECT) AS one LEFT JOIN register AS r ON r.key = $1
"""

_LSN = Statement(b"SELECT pg_current_wal_insert_lsn()")


class Answer(NamedTuple):  # made for every operation: a third of the price of a frozen dataclass
    """What the server said about itself and the register.

    Attributes:
        version: Assigned or observed; 0: no such key.
        value: Observed; None: no such key, or this answers a write.
        node: Its ``cluster_name``.
        pg_timeline: On a replica a lower bound: what its receiver last streamed; None if it streams nothing.
        lsn: A position at or after the write's commit.
    """

    version: int | None = None
    value: str | None = None
    node: str | None = None
    pg_timeline: int | None = None
    lsn: str | None = None


NOTHING = Answer()


def write(key: str, value: str) -> tuple[Statement, ...]:
    """Give ``key`` its next version; then, in a transaction of its own, ask where the log is."""
    return Statement(_WRITE, (key.encode(), value.encode())), _LSN


def read(key: str) -> tuple[Statement, ...]:
    """Read ``key`` on whatever node answers."""
    return (Statement(_READ, (key.encode(),)),)


def written(replies: Sequence[Reply]) -> Answer:
    """Read the replies to ``write``, of which the first succeeded; the second may be an ERROR or missing."""
    version, node, timeline = replies[0].rows[0]
    lsn = replies[1].rows[0][0] if len(replies) > 1 and replies[1].rows else None
    return Answer(version=int(version or 0), node=node or None, pg_timeline=_timeline(timeline), lsn=lsn)


def observed(replies: Sequence[Reply]) -> Answer:
    """Read the reply to ``read``, which succeeded."""
    value, version, node, timeline = replies[0].rows[0]
    return Answer(version=int(version or 0), value=value, node=node or None, pg_timeline=_timeline(timeline))


def _timeline(hexadecimal: str | None) -> int | None:
    return int(hexadecimal, 16) if hexadecimal else None
