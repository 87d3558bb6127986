"""What faults that only hinder leave open before the run: what is late, and how late, depends on the traffic."""

from collections.abc import Iterator

from chaoskit.model.fault import Bandwidth, ClockSkew, Cpu, DiskFull, Fault, PacketLoss, carried
from chaoskit.model.place import at_start, nodes
from chaoskit.model.plan import Dial, Plan, PlannedStep
from chaoskit.model.round_trips import CHECK_ROUND_TRIPS
from chaoskit.model.scenario import Async, Runbook
from chaoskit.model.topology import Role

HANDSHAKE_AGAIN_NS = 1_000_000_000
"""TCP sends the packet that opens a connection again after so long (RFC 6298)."""


def hindrances(plan: Plan) -> Iterator[str]:
    """One sentence for everything about such a step that no figure of the plan allows for."""
    for step in plan.steps:
        match step.deed:
            case PacketLoss():
                yield from _lost_handshakes(step, step.deed, plan)
            case Bandwidth():
                yield from _thin_pipe(step, step.deed, plan)
            case ClockSkew():
                yield from _wrong_clock(step, plan)
            case DiskFull() | Cpu():
                pass
            case _:
                continue
        yield from _perhaps_a_failover(step, plan)


def _lost_handshakes(step: PlannedStep, fault: PacketLoss, plan: Plan) -> Iterator[str]:
    topology = plan.scenario.stack.topology
    trips_ns = (topology.rtt(dial.source.region, dial.target.region) for dial in _on(fault, plan) if _is_client(dial))
    slowest_ns = max((HANDSHAKE_AGAIN_NS + CHECK_ROUND_TRIPS * trip_ns for trip_ns in trips_ns), default=0)
    if slowest_ns > plan.probes.timeout_ns:
        yield (
            f"step {step.name}: a packet that opens a connection is sent again only after "
            f"{HANDSHAKE_AGAIN_NS / 1e9:g} s: a fresh probe that loses it needs {slowest_ns / 1e9:g} s and misses its "
            f"timeout of {plan.probes.timeout_ns / 1e9:g} s, with nothing else wrong"
        )


def _thin_pipe(step: PlannedStep, fault: Bandwidth, plan: Plan) -> Iterator[str]:
    waiting = not isinstance(plan.scenario.stack.replication, Async)
    if any(_is_client(dial) or (waiting and dial.source.role is Role.NODE) for dial in _on(fault, plan)):
        yield (
            f"step {step.name}: how long a probe waits behind other bytes is not known before the run: its timeout of "
            f"{plan.probes.timeout_ns / 1e9:g} s does not allow for it"
        )


def _wrong_clock(step: PlannedStep, plan: Plan) -> Iterator[str]:
    for objective in plan.scenario.objectives:
        if objective.measure == "late_ghosts":
            yield (
                f"objective {objective.name}: commit timestamps of a wrong clock are not trusted: ghosts that were "
                f"committed during {step.name} may be unclassified"
            )


def _perhaps_a_failover(step: PlannedStep, plan: Plan) -> Iterator[str]:
    """No failover is predicted of what may or may not make a primary fail its checks."""
    failover, fault = plan.scenario.stack.failover, step.fault
    if isinstance(failover, Runbook) and fault is not None and _on_the_way(fault, plan):
        yield (
            f"step {step.name} may make health checks of the primary fail, or may not: the runbook may fail over, and "
            f"no prediction is made"
        )


def _on_the_way(fault: Fault, plan: Plan) -> bool:
    """Whether it touches the primary with which the run begins, or the operator's way to it."""
    topology = plan.scenario.stack.topology
    match fault:
        case Bandwidth() | PacketLoss():
            checks = (dial for dial in _on(fault, plan) if dial.source.role is Role.MANAGER)
            return any(dial.target.name == topology.primary for dial in checks)
        case DiskFull() | Cpu():
            return topology.primary in {node.name for node in nodes(fault.target, at_start(topology))}
        case _:
            return False


def _on(fault: Bandwidth | PacketLoss, plan: Plan) -> tuple[Dial, ...]:
    link = carried(fault.link, at_start(plan.scenario.stack.topology))
    ways = ((dial, dial.source, dial.target) for dial in plan.dials)
    return tuple(dial for dial, source, target in ways if link.carries(source, target) or link.carries(target, source))


def _is_client(dial: Dial) -> bool:
    return dial.source.role is Role.CLIENTS
