"""What an operator can do to a node: SQL over a connection through the WAN, with a deadline. No pids, no files."""

from collections.abc import Mapping

from chaoskit.model.plan import Dial
from chaoskit.protocols import Clock, Target, Wan
from chaoskit.sql import Reply, Session, Unanswered

STOP_RECEIVING = ("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
POSITION = (
    "SELECT (SELECT count(*) FROM pg_stat_wal_receiver),"
    " greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn()), pg_is_in_recovery()"
)
FENCE = (
    "ALTER SYSTEM SET default_transaction_read_only = on",
    "SELECT pg_reload_conf()",
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
)


class Operator:
    """One session per node, kept while it works.

    Args:
        dials: The manager's own dial to each node, by node name.
        timeout_s: Deadline of each action.
    """

    def __init__(self, dials: Mapping[str, Dial], wan: Wan, *, clock: Clock, timeout_s: float) -> None:
        self._clock, self._timeout_s = clock, timeout_s
        self._sessions = {node: Session(wan.target(dial), clock) for node, dial in dials.items()}

    def reach(self, node: str) -> None:
        """Raise Unanswered unless the node answers."""
        self._ask(node, "SELECT 1")

    def fence(self, node: str) -> None:
        """Make a primary refuse writes and close its clients' connections."""
        self._ask(node, *FENCE)

    def stop_receiving(self, node: str) -> str:
        """Stop WAL reception and return the position reached, as an LSN; nothing it may hear later changes it.

        Raises:
            Unanswered: The node did not, or its receiver would not end.
        """
        self._ask(node, *STOP_RECEIVING)
        deadline_ns = self._clock.now_ns() + round(self._timeout_s * 1e9)
        while self._clock.now_ns() < deadline_ns:
            receivers, lsn, _ = self._ask(node, POSITION)[0].rows[0]
            if receivers == "0":
                return lsn or "0/0"
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
            " ELSE ('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int END",
            timeout_s=self._timeout_s + wait_s,
        )
        recovering, lsn, timeline = replies[1].rows[0]
        if recovering != "f" or timeline is None:
            raise Unanswered("it is still in recovery")
        return lsn or "0/0", int(timeline)

    def close(self) -> None:
        """Close every session; idempotent."""
        for session in self._sessions.values():
            session.close()

    def _ask(self, node: str, *statements: str, timeout_s: float | None = None) -> list[Reply]:
        replies = self._sessions[node].ask(statements, timeout_s=timeout_s or self._timeout_s)
        for reply in replies:
            if reply.sqlstate:
                raise Unanswered(f"{reply.sqlstate} {reply.message}")
        return replies


def lsn_bytes(lsn: str) -> int:
    """``16/B374D848`` as a number of bytes."""
    high, low = lsn.split("/")
    return (int(high, 16) << 32) + int(low, 16)
