"""What an operator can do to a node: SQL over a connection through the WAN, with a deadline. No pids, no files."""

from collections.abc import Mapping
from dataclasses import dataclass

from chaoskit.clock import NS
from chaoskit.model.plan import Dial
from chaoskit.protocols import Clock, Target, Wan
from chaoskit.sql import Reply, Session, Unanswered

TIMELINE = "('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int"  # of a primary
STOP_RECEIVING = ("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
POSITION = (
    "SELECT (SELECT count(*) FROM pg_stat_wal_receiver),"
    " greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), pg_is_in_recovery()"
)
CLOSE_CLIENTS = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
FENCE = ("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()", CLOSE_CLIENTS)
UNFENCE = ("ALTER SYSTEM RESET default_transaction_read_only", "SELECT pg_reload_conf()", CLOSE_CLIENTS)
# An empty transaction with an id: its commit record is new WAL, so that every replica reports how far it has got.
MARK = (f"SELECT pg_current_wal_flush_lsn(), {TIMELINE}", "SELECT pg_current_xact_id()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A position in the WAL of one timeline."""

    lsn: str
    timeline: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """How far a node had got, as an LSN, when it followed nobody any more; ``promoted``: it is a primary."""

    lsn: str
    promoted: bool = False


class Operator:
    """One session per node, kept while it works; one thread per node at a time.

    Args:
        dials: The manager's own dial to each node, by node name.
        timeout_s: Deadline of each action.
    """

    def __init__(self, dials: Mapping[str, Dial], wan: Wan, *, clock: Clock, timeout_s: float) -> None:
        self._clock, self._timeout_s = clock, timeout_s
        self._sessions = {node: Session(wan.target(dial), clock) for node, dial in dials.items()}

    def is_primary(self, node: str) -> bool:
        """Whether it answers, and as a primary; never raises."""
        return self._in_recovery(node) == "f"

    def is_replica(self, node: str) -> bool:
        """Whether it answers, and as a replica; never raises."""
        return self._in_recovery(node) == "t"

    def fence(self, node: str) -> None:
        """Make a primary refuse writes and close its clients' connections."""
        self._ask(node, *FENCE)

    def unfence(self, node: str) -> None:
        """Undo ``fence``; connections that were made read-only are closed."""
        self._ask(node, *UNFENCE)

    def stop_receiving(self, node: str) -> Reached:
        """Stop WAL reception and return the position reached; nothing it may hear later changes it.

        Raises:
            Unanswered: The node did not, or its receiver would not end.
        """
        self._ask(node, *STOP_RECEIVING)
        deadline_ns = self._clock.now_ns() + round(self._timeout_s * NS)
        while self._clock.now_ns() < deadline_ns:
            receivers, lsn, recovering = self._ask(node, POSITION)[0].rows[0]
            if receivers == "0":
                return Reached(lsn=lsn or "0/0", promoted=recovering == "f")
            self._clock.sleep(0.01)
        raise Unanswered("its WAL receiver does not end")

    def follow(self, node: str, upstream: Target) -> None:
        """Let a replica stream from another node, under its own name."""
        conninfo = upstream.conninfo(application_name=node).replace("'", "''")
        self._ask(node, f"ALTER SYSTEM SET primary_conninfo = '{conninfo}'", "SELECT pg_reload_conf()")

    def promote(self, node: str) -> tuple[str, int]:
        """Promote a replica, unless it is primary already, and wait until it is.

        Returns:
            (the LSN at which the timelines part, its new timeline).

        Raises:
            Unanswered: It did not become primary in time.
        """
        wait_s = max(round(self._timeout_s), 1)
        replies = self._ask(
            node,
            f"SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(true, {wait_s}) END",
            "SELECT pg_is_in_recovery(), pg_last_wal_replay_lsn(),"
            " CASE WHEN pg_is_in_recovery() THEN NULL"
            f" ELSE {TIMELINE} END",
            timeout_s=self._timeout_s + wait_s,
        )
        recovering, lsn, timeline = replies[1].rows[0]
        if recovering != "f" or timeline is None:
            raise Unanswered("it is still in recovery")
        return lsn or "0/0", int(timeline)

    def streaming(self, primary: str) -> frozenset[str]:
        """The replicas that stream from ``primary`` now."""
        query = "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"
        return frozenset(row[0] or "" for row in self._ask(primary, query)[0].rows)

    def mark(self, primary: str) -> Mark:
        """Take a position from ``primary``, and write a little more."""
        lsn, timeline = self._ask(primary, *MARK)[0].rows[0]
        return Mark(lsn=lsn or "0/0", timeline=int(timeline or 0))

    def replayed(self, primary: str, node: str, mark: Mark) -> bool:
        """Whether ``primary`` knows that ``node`` streams from it and has replayed ``mark``, on the same timeline.

        Positions of two timelines cannot be compared: what has diverged may well be the farther one.
        """
        seen = (
            f"SELECT replay_lsn >= '{mark.lsn}' FROM pg_stat_replication"
            f" WHERE application_name = '{node}' AND state = 'streaming'"
        )
        received = f"SELECT status = 'streaming' AND received_tli = {mark.timeline} FROM pg_stat_wal_receiver"
        return ("t",) in self._ask(primary, seen)[0].rows and ("t",) in self._ask(node, received)[0].rows

    def close(self) -> None:
        """Close every session; idempotent."""
        for session in self._sessions.values():
            session.close()

    def _in_recovery(self, node: str) -> str | None:
        try:
            return self._ask(node, "SELECT pg_is_in_recovery()")[0].rows[0][0]
        except Unanswered:
            return None

    def _ask(self, node: str, *statements: str, timeout_s: float | None = None) -> list[Reply]:
        replies = self._sessions[node].ask(statements, timeout_s=timeout_s or self._timeout_s)
        for reply in replies:
            if reply.sqlstate:
                raise Unanswered(f"{reply.sqlstate} {reply.message}")
        return replies
