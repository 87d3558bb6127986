"""Reads what a node holds, past the WAN, once the load has ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chaoskit.protocols import Clock, Database
from chaoskit.sql import Reply, Row, Unanswered, ask

READ_TIMEOUT_S = 60.0
BEFORE, FINAL = "before_failback", "final"
"""The two audits: what a deposed primary had, and what there is in the end."""

STATE = (
    "SELECT pg_is_in_recovery(),"
    " CASE WHEN pg_is_in_recovery() THEN (SELECT received_tli FROM pg_stat_wal_receiver)"
    " ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END,"
    " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeReading:
    """What one node said in one audit. ``rows`` are (key, version, value, commit time in wall microseconds)."""

    audit: str
    node: str
    answered: bool
    in_recovery: bool | None = None
    timeline: int | None = None
    lsn: str | None = None
    rows: Sequence[Row] = field(default_factory=tuple)
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        """Its line in ``audit.json``."""
        return {
            "audit": self.audit,
            "node": self.node,
            "answered": self.answered,
            "in_recovery": self.in_recovery,
            "timeline": self.timeline,
            "lsn": self.lsn,
            "rows": len(self.rows) if self.answered else None,
            "why": self.why,
        }


def read(node: str, database: Database, clock: Clock, *, audit: str, query: str) -> NodeReading:
    """Read every committed write of ``node``; a node that does not answer says so."""
    try:
        replies = ask(database.direct(node), [STATE, query], clock=clock, timeout_s=READ_TIMEOUT_S)
        state, rows = (_rows(reply) for reply in replies)
    except Unanswered as error:
        return NodeReading(audit=audit, node=node, answered=False, why=str(error))
    recovering, timeline, lsn = state[0]
    return NodeReading(
        audit=audit,
        node=node,
        answered=True,
        in_recovery=recovering == "t",
        timeline=None if timeline is None else int(timeline),
        lsn=lsn,
        rows=rows,
    )


def united(readings: Iterable[NodeReading]) -> list[NodeReading]:
    """Of several readings of a node one: all that it ever held, since rows are never changed or removed.

    Its state is that of its last answer, and it has answered if it ever did; why it once did not, it still says.
    """
    found: dict[str, NodeReading] = {}
    for reading in readings:
        found[reading.node] = _with(found[reading.node], reading) if reading.node in found else reading
    return list(found.values())


def _with(earlier: NodeReading, later: NodeReading) -> NodeReading:
    rows = {row[:3]: row for row in (*later.rows, *earlier.rows)}  # a commit time as it was first seen
    why = "; ".join(why for why in (earlier.why, later.why) if why)
    return replace(later if later.answered else earlier, rows=tuple(rows.values()), why=why)


def _rows(reply: Reply) -> tuple[Row, ...]:
    if reply.sqlstate:
        raise Unanswered(f"{reply.sqlstate} {reply.message}")
    return reply.rows
