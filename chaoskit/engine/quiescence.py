"""Quiescence: nobody writes any more, and every attached replica has replayed all there is."""

from collections.abc import Sequence

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
        None, or why that was not reached within ``TIMEOUT_S``.
    """
    deadline_ns = clock.now_ns() + round(TIMEOUT_S * 1e9)
    lsn = ""
    while True:
        why = _busy(nodes, database, clock)
        if why is None:
            lsn, why = _position(primary, lsn, database, clock)
        if why is None:
            why = _behind(primary, nodes, lsn, database, clock)
        if why is None or clock.now_ns() >= deadline_ns:
            return why
        clock.sleep(POLL_S)


def _busy(nodes: Sequence[str], database: Database, clock: Clock) -> str | None:
    for node in nodes:
        try:
            ((clients,),) = _one(node, CLIENTS, database, clock)
        except Unanswered as error:
            return f"{node}: {error}"
        if clients != "0":
            return f"{node} still has {clients} clients"
    return None


def _position(primary: str, known: str, database: Database, clock: Clock) -> tuple[str, str | None]:
    """The position that all must replay, taken once nobody writes any more; or why it cannot be told."""
    try:
        return known or _one(primary, POSITION, database, clock)[0][0] or "", None
    except Unanswered as error:
        return "", f"{primary}: {error}"


def _behind(primary: str, nodes: Sequence[str], lsn: str, database: Database, clock: Clock) -> str | None:
    try:
        replayed = {row[0]: row[1] for row in _one(primary, ATTACHED.format(lsn=lsn), database, clock)}
    except Unanswered as error:
        return f"{primary}: {error}"
    late = [node for node in nodes if node != primary and replayed.get(node) != "t"]
    return f"not caught up with {primary}: {', '.join(late)}" if late else None


def _one(node: str, query: str, database: Database, clock: Clock) -> list[tuple[str | None, ...]]:
    reply = ask(database.direct(node), [query], clock=clock, timeout_s=2)[0]
    if reply.sqlstate:
        raise Unanswered(reply.message)
    return list(reply.rows)
