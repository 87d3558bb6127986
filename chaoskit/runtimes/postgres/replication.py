"""Who keeps WAL for whom, whom each replica follows, and whether all of them stream."""

from collections.abc import Mapping, Sequence

from chaoskit.clock import wait_for
from chaoskit.errors import StackError
from chaoskit.model.plan import Dial, Plan
from chaoskit.model.topology import Role, Topology
from chaoskit.protocols import Clock, Target
from chaoskit.sql import Unanswered, ask

STREAMING_TIMEOUT_S = 30.0
SET_UP_TIMEOUT_S = 10.0


def slots(topology: Topology) -> Mapping[str, Sequence[str]]:
    """A slot per peer on every node: whoever is promoted can serve all others without losing their place."""
    nodes = topology.nodes
    return {node.name: [peer.slot for peer in nodes if peer.name != node.name] for node in nodes}


def make_slots(target: Target, names: Sequence[str], *, clock: Clock) -> None:
    """Make the slots that a server does not have yet."""
    present = "SELECT FROM pg_replication_slots WHERE slot_name = '{0}'"
    make = f"SELECT pg_create_physical_replication_slot('{{0}}') WHERE NOT EXISTS ({present})"
    set_up(target, [make.format(name) for name in names], clock=clock)


def set_up(target: Target, statements: Sequence[str], *, clock: Clock) -> None:
    """Run statements on a server of a cluster that is being made.

    Raises:
        StackError: It refused one.
    """
    # No standby exists yet that a quorum commit could wait for.
    replies = ask(target, ["SET synchronous_commit = local", *statements], clock=clock, timeout_s=SET_UP_TIMEOUT_S)
    for reply in replies:
        if reply.sqlstate:
            raise StackError("a server refused its set-up", why=reply.message)


def await_streaming(primary: Target, replicas: int, *, clock: Clock) -> None:
    """Wait until that many replicas stream.

    Raises:
        StackError: They do not in time.
    """
    wait_for(
        lambda: _not_streaming(primary, replicas, clock),
        clock=clock,
        timeout_s=STREAMING_TIMEOUT_S,
        what="not every replica streams",
        fix="see the server logs in the run directory",
    )


def _not_streaming(primary: Target, replicas: int, clock: Clock) -> str | None:
    query = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
    try:
        reply = ask(primary, [query], clock=clock, timeout_s=2)[0]
    except Unanswered as error:
        return str(error)
    count = int(reply.rows[0][0] or 0) if reply.rows else 0
    return None if count >= replicas else f"{count} of {replicas} replicas stream"


def upstreams(plan: Plan, dials: Mapping[Dial, Target]) -> dict[str, str]:
    """How each node would find the first primary: through its own dial, under its own name."""
    primary = plan.scenario.stack.topology.primary
    return {
        dial.source.name: target.conninfo(application_name=dial.source.name)
        for dial, target in dials.items()
        if dial.target.name == primary and dial.source.role is Role.NODE
    }
