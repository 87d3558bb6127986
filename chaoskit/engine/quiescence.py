"""Quiescence: nobody writes any more, and every attached replica has replayed all there is."""

from collections.abc import Callable, Sequence

from chaoskit.clock import NS
from chaoskit.protocols import Clock, Database
from chaoskit.sql import Unanswered, ask

TIMEOUT_S = 20.0
POLL_S = 0.05

CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
POSITION = "SELECT pg_current_wal_flush_lsn()"  # what is only inserted may stay so for long, and nobody can replay it
ATTACHED = "SELECT application_name, replay_lsn >= '{lsn}' FROM pg_stat_replication"


def await_quiescence(primary: str, nodes: Sequence[str], database: Database, clock: Clock) -> str | None:
    """Wait until no client is connected to any of ``nodes`` and all of them have replayed what ``primary`` wrote.

    Returns:
        None, or why one of the two was not reached within ``TIMEOUT_S``.
    """
    why = _until(lambda: _busy(nodes, database, clock), clock, TIMEOUT_S)
    return why or await_replay(primary, nodes, database, clock, timeout_s=TIMEOUT_S)


def await_replay(
    primary: str, nodes: Sequence[str], database: Database, clock: Clock, *, timeout_s: float
) -> str | None:
    """Wait until ``nodes`` follow ``primary`` and have replayed what it has written until now.

    Returns:
        None, or why that was not reached within ``timeout_s``.
    """
    taken: list[str] = []

    def behind() -> str | None:
        try:
            if not taken:
                taken.append(_one(primary, POSITION, database, clock)[0][0] or "")
            return _behind(primary, nodes, taken[0], database, clock)
        except Unanswered as error:
            return f"{primary}: {error}"

    return _until(behind, clock, timeout_s)


def _until(why_not: Callable[[], str | None], clock: Clock, timeout_s: float) -> str | None:
    deadline_ns = clock.now_ns() + round(timeout_s * NS)
    while (why := why_not()) is not None and clock.now_ns() < deadline_ns:
        clock.sleep(POLL_S)
    return why


def _busy(nodes: Sequence[str], database: Database, clock: Clock) -> str | None:
    for node in nodes:
        try:
            ((clients,),) = _one(node, CLIENTS, database, clock)
        except Unanswered as error:
            return f"{node}: {error}"
        if clients != "0":
            return f"{node} still has {clients} clients"
    return None


def _behind(primary: str, nodes: Sequence[str], lsn: str, database: Database, clock: Clock) -> str | None:
    replayed = {row[0]: row[1] for row in _one(primary, ATTACHED.format(lsn=lsn), database, clock)}
    late = [node for node in nodes if node != primary and replayed.get(node) != "t"]
    return f"not caught up with {primary}: {', '.join(late)}" if late else None


def _one(node: str, query: str, database: Database, clock: Clock) -> list[tuple[str | None, ...]]:
    reply = ask(database.direct(node), [query], clock=clock, timeout_s=2)[0]
    if reply.sqlstate:
        raise Unanswered(reply.message)
    return list(reply.rows)
